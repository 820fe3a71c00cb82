"""The event log and the consumer runtime; knows no other app."""
