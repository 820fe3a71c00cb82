"""Data out: the warehouse and reports."""
