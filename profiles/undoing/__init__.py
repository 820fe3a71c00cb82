"""Undoing an import: people as if it had not been (ADR 0097)."""
