"""Processes of one installation on one machine: started, watched, started again, stopped in order (docs/adr/0060)."""
