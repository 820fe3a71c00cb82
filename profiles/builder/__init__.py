"""The profile builder: events in, people out, one set-based transaction per batch (docs/adr/0040)."""
