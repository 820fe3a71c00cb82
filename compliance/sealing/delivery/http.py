"""Anchors by HTTP: each is posted, and delivered when the answer is 2xx."""

import http.client
import socket
import ssl
from contextlib import suppress
from threading import Timer
from urllib.parse import SplitResult

from django.conf import settings

from compliance.hosts import connected
from compliance.sealing.delivery.trouble import NotDelivered, reaching

TIMEOUT_S = 10.0
_PORTS = {"http": 80, "https": 443}
_MOST_READ = 1024
_LATER = {408, 425, 429}
_FIRST_TROUBLE, _SERVER_TROUBLE = 300, 500


class _Checked(http.client.HTTPConnection):
    """A connection to an address that may be spoken to; a certificate is held against the name."""

    def __init__(self, address: SplitResult) -> None:
        super().__init__(str(address.hostname), address.port or _PORTS[address.scheme], timeout=TIMEOUT_S)
        self._is_encrypted = address.scheme == "https"

    def connect(self) -> None:
        """Open it. Raises HostRefused, HostUnknown, OSError."""
        self.sock = connected(self.host, self.port, TIMEOUT_S)
        if self._is_encrypted:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def break_off(self) -> None:
        """End it from another thread, whatever it waits for."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def post(address: SplitResult, line: str) -> None:
    """Post the line; nothing is followed elsewhere. Blocks for TIMEOUT_S at most. Raises NotDelivered."""
    connection = _Checked(address)
    watch = Timer(TIMEOUT_S, connection.break_off)
    watch.daemon = True
    watch.start()
    try:
        with reaching():
            status = _answered(connection, address, line)
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"it did not answer within {TIMEOUT_S:.0f} s, or not in HTTP") from error
    finally:
        watch.cancel()
        connection.close()
    if not _is_taken(status):
        is_final = status < _SERVER_TROUBLE and status not in _LATER
        raise NotDelivered(f"it answered {status}", is_final=is_final)


def _answered(connection: _Checked, address: SplitResult, line: str) -> int:
    target = f"{address.path or '/'}{'?' + address.query if address.query else ''}"
    headers = {"Content-Type": "application/json", "User-Agent": "Headwater"}
    if settings.AUDIT_ANCHOR_TOKEN:
        headers["Authorization"] = f"Bearer {settings.AUDIT_ANCHOR_TOKEN}"
    connection.request("POST", target, line.encode(), headers)
    answer = connection.getresponse()
    answer.read(_MOST_READ)
    return answer.status


def _is_taken(status: int) -> bool:
    return 200 <= status < _FIRST_TROUBLE  # noqa: PLR2004 -- what 2xx means
