"""Periodic jobs: any number of schedulers may run, one of them acts, and each run is dispatched once (docs/adr/0061)."""
