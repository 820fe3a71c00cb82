"""Bringing anchors to where the database's owner cannot reach: a file, an HTTP address, a syslog server."""
