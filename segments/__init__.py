"""Audiences: the segment language and membership."""
