"""Domain of streaming."""
