"""Background jobs in PostgreSQL: kombu's PGMQ transport, on sessions that follow the server that takes writes.

kombu's own connects with host, port and password alone, so that TLS, time-outs and the choice among several servers
would be lost, and keeps a session however useless its server became (docs/adr/0063).
"""
