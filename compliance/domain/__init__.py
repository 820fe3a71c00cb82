"""What staff and commands do with control."""
