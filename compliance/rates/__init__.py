"""Limits of how often somebody may ask (docs/adr/0126)."""
