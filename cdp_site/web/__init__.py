"""The web server: how it is started, and what it serves besides the collector (docs/adr/0030)."""
