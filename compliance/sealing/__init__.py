"""The hash chain of the audit trail: rows are committed unlinked, and one sealer links them (docs/adr/0116)."""
