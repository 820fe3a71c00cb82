"""How visits went: features of what was done on pages, and what annoyed. Plain Python but for `storing`."""
