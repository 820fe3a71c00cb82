"""Four eyes: what takes a second person is asked for, decided by somebody else, and done once, exactly as asked."""
