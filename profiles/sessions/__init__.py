"""Visits: which events belong together, and how that becomes rows and records."""
