"""SQL databases: PostgreSQL, MySQL and MariaDB, SQLite."""

from ingestion.sources.sql.kind import SqlSource

__all__ = ["SqlSource"]
