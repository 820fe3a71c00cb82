"""Models of ingestion."""
