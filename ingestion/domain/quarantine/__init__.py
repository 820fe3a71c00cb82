"""Quarantine: events that a plan keeps out, until somebody mends them, lets them go on, or discards them.

docs/guides/tracking-plans.md, docs/adr/0095-quarantine.md.
"""
