"""Data out: pushes, destinations, decisions."""
