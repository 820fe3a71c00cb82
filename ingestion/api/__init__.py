"""Sources over REST; what sources send goes to `ingestion.collector`."""
