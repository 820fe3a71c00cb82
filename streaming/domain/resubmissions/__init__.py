"""Jobs that send many dead letters back: in their order, at a rate, whatever kills the process that runs them."""
