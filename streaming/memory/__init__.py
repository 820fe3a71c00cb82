"""The event log in memory: for unit tests, within one process."""
