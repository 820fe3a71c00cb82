"""Models of profiles."""
