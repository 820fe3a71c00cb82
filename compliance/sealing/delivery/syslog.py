"""Anchors by syslog: messages of RFC 5424, over UDP, over TCP or TLS with their length before them (RFC 6587, 5425).

Syslog confirms nothing: over UDP a message can be lost without anybody's notice. The next anchor says all that it said.
"""

import os
import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import SplitResult

from django.conf import settings

from compliance.hosts import checked_addresses, connected
from compliance.sealing.delivery.trouble import NotDelivered, reaching

TIMEOUT_S = 10.0
PORTS = {"syslog": 514, "syslog+tcp": 601, "syslog+tls": 6514}
_PRIORITY = 13 * 8 + 5  # facility "log audit", severity "notice"


def send(address: SplitResult, line: str) -> None:
    """Send the line, once. Blocks for about TIMEOUT_S at most. Raises NotDelivered."""
    host, port = str(address.hostname), address.port or PORTS[address.scheme]
    content = _message(line)
    try:
        with reaching():
            if address.scheme == "syslog":
                _send_datagram(host, port, content)
            else:
                _send_framed(host, port, content, is_encrypted=address.scheme == "syslog+tls")
    except OSError as error:
        raise NotDelivered(f"it cannot be reached: {type(error).__name__}") from error


def _send_datagram(host: str, port: int, content: bytes) -> None:
    address = checked_addresses(host, port)[0]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        way.settimeout(TIMEOUT_S)
        way.sendto(content, (address, port))


def _send_framed(host: str, port: int, content: bytes, *, is_encrypted: bool) -> None:
    with connected(host, port, TIMEOUT_S) as plain:
        if is_encrypted:
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as way:
                way.sendall(b"%d %b" % (len(content), content))
        else:
            plain.sendall(b"%d %b" % (len(content), content))


def _message(line: str) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"<{_PRIORITY}>1 {at} {settings.HOST_NAME} headwater {os.getpid()} audit-anchor - {line}".encode()
