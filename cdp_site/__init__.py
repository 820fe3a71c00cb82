"""The composition root: settings, addresses, servers and processes."""
