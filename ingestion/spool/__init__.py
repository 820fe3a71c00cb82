"""The spool: where accepted events wait on disk, fsynced, while the log cannot take them (docs/adr/0031)."""
