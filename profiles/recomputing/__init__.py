"""Deciding clusters in the background that are too large to be decided while others wait (ADR 0083)."""
