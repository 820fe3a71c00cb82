"""The balance of the pipeline, by ids: what was accepted is applied, dead-lettered, suppressed or on its way."""
