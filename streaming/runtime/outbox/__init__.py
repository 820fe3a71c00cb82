"""Publishing to a log outside the database, by lanes; see docs/adr/0021-outbox-lanes.md."""
