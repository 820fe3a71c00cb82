"""The product without what `benchmarks.control` measures: no row of the audit trail for a read, no permissions asked, no mask."""
