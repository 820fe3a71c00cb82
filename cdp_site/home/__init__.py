"""Home: today at a glance."""
