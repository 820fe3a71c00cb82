"""The embedded PostgreSQL server: used when there is no DATABASE_URL."""
