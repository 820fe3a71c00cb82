"""The address of who sent a request: that of the connection, unless a proxy that we trust names another."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Networks = tuple[IPv4Network | IPv6Network, ...]


def address_of(request: HttpRequest) -> str:
    """The address for the audit trail; X-Forwarded-For counts only as far as TRUSTED_PROXIES wrote it."""
    peer = request.META.get("REMOTE_ADDR") or ""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    return client_address(peer, forwarded, _trusted(tuple(settings.TRUSTED_PROXIES)))


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """The last address in X-Forwarded-For that no trusted proxy has; the header counts only if the peer is one."""
    if not trusted or forwarded is None or not is_trusted(peer, trusted):
        return peer
    for part in reversed(forwarded.split(",")):
        address = part.strip()
        if not is_address(address):
            return peer
        if not is_trusted(address, trusted):
            return address
        peer = address
    return peer


def parse_networks(texts: Sequence[str]) -> Networks:
    """The networks of trusted proxies. Raises ValueError for what is none."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())


@lru_cache(maxsize=4096)
def is_trusted(address: str, trusted: Networks) -> bool:
    """Whether this is a proxy that we trust."""
    if not is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in trusted)


@lru_cache(maxsize=8)
def _trusted(texts: tuple[str, ...]) -> Networks:
    return parse_networks(texts)


def is_address(text: str) -> bool:
    """Whether this is an IP address, not a name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
