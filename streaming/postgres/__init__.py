"""The event log in PostgreSQL: the default; rules in docs/adr/0010-postgresql-log.md."""
