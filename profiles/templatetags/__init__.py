"""Template tags of the screens of people."""
