"""Domain of ingestion."""
