"""Data in: the collector, sources, imports."""
