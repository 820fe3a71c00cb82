"""Whether a listener expects TLS: a client that speaks none only sees its connections end."""

import ssl
from socket import create_connection

_SECONDS = 2.0


def expects_tls(servers: str) -> bool:
    """Whether one of the addresses answers a TLS handshake. Nothing is sent over it, whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return any(_shakes_hands(server, context) for server in servers.split(","))


def _shakes_hands(server: str, context: ssl.SSLContext) -> bool:
    host, _, port = server.rpartition(":")
    try:
        with create_connection((host.strip("[]"), int(port)), _SECONDS) as plain, context.wrap_socket(plain):
            return True
    except (OSError, ValueError):
        return False
