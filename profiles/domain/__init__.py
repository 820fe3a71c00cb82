"""Domain of profiles."""
