"""Tables that belong to no app."""
