"""The audit trail as staff search and export it."""
