"""What people do on social networks, as one record per anchor and network. Plain Python but for `storing`."""
