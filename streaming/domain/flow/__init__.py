"""How consumers keep up with the log: lag, rates, when they have caught up, and when retention would overtake them."""
