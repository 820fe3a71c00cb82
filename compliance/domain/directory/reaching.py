"""A socket to a server of the directory, in bounded time: names that do not resolve, ports that do not answer."""

import socket
import threading
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"ldap": 389, "ldaps": 636}


class CannotReach(Exception):
    """There is no way to the server; the message says how far it went."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is. One of `ldapi` has a path instead of a host."""

    url: str
    scheme: str
    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if not self.path else self.path


def server_of(url: str) -> Server:
    """The server of this address."""
    parts = urlsplit(url)
    if parts.scheme == "ldapi":
        return Server(url, parts.scheme, "", 0, unquote(parts.netloc or parts.path) or "/var/run/slapd/ldapi")
    return Server(url, parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme])


def resolve(host: str, *, timeout_s: float) -> list[str]:
    """The addresses of a host. Raises CannotReach, also when no name server answers in time."""
    found: list[str] = []
    trouble: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except OSError as error:
            trouble.append(error)

    # The resolver has time-outs of its own, which are longer than anybody waits: it is left to end by itself.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout_s)
    if trouble:
        raise CannotReach(f"the name {host} has no address")
    if not found:
        raise CannotReach(f"no name server says within {timeout_s:.1f} s where {host} is")
    return list(dict.fromkeys(found))


def connect(server: Server, *, timeout_s: float) -> socket.socket:
    """A connected socket. Raises CannotReach."""
    if server.path:
        return _connect_here(server.path, timeout_s)
    trouble: OSError | None = None
    addresses = resolve(server.host, timeout_s=timeout_s)
    for address in addresses:
        try:
            return socket.create_connection((address, server.port), timeout_s / len(addresses))
        except OSError as error:
            trouble = error
    if isinstance(trouble, TimeoutError):
        raise CannotReach(f"{server} does not answer: it is down, or a firewall drops what is sent there")
    raise CannotReach(f"{server} refuses connections: nothing listens there")


def _connect_here(path: str, timeout_s: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout_s)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise CannotReach(f"nothing listens at {path}") from None
    return sock
