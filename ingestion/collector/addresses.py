"""The address of who sent a request: that of the connection, unless a proxy that we trust names another."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]


def parse_networks(texts: Sequence[str]) -> Networks:
    """The networks of trusted proxies. Raises ValueError for what is none."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """The last address in X-Forwarded-For that no trusted proxy has; the header counts only if the peer is one."""
    if not trusted or forwarded is None or not is_trusted(peer, trusted):
        return peer
    for part in reversed(forwarded.split(",")):
        address = part.strip()
        if not _is_address(address):
            return peer
        if not is_trusted(address, trusted):
            return address
        peer = address
    return peer


@lru_cache(maxsize=4096)
def is_trusted(address: str, trusted: Networks) -> bool:
    """Whether this is a proxy that we trust."""
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
