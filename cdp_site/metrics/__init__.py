"""GET /metrics for Prometheus: what all web processes counted, and what the database says of the rest."""
