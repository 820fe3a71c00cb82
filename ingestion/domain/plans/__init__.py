"""Tracking plans: what a source should send, and what becomes of what breaks it. docs/guides/tracking-plans.md."""
