"""Who may read /metrics: whoever brings a token of METRICS_TOKEN; where none is set, who asks on this machine itself.

The page names event types, topics and consumers, and tells how much there is of each.
"""

import hmac
import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from django.core.exceptions import ImproperlyConfigured

from cdp_site.web.answering import Scope

SHORTEST_TOKEN = 32
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # what a bearer token may be made of (RFC 6750)
# Whatever a proxy writes: who asked is behind it, and not on this machine.
FORWARDED = {
    b"forwarded",
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-real-ip",
}
OWN_NAME = re.compile(rb"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)


def metrics_tokens(given: Sequence[str]) -> list[str]:
    """The tokens of METRICS_TOKEN, several while one is replaced. Raises ImproperlyConfigured, repeating none of them."""
    tokens = [token.strip() for token in given if token.strip()]
    if any(len(token) < SHORTEST_TOKEN or not TOKEN.fullmatch(token) for token in tokens):
        raise ImproperlyConfigured(
            f"METRICS_TOKEN: each token has at least {SHORTEST_TOKEN} letters, digits or any of ._~+/=-; "
            "several are separated by commas"
        )
    return tokens


class Readers:
    """Those who may read the page. With tokens they alone count: a proxy on this machine may tell nothing of whom it brings."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = [token.encode() for token in tokens]

    def refusal(self, scope: Scope) -> tuple[int, bytes] | None:
        """Status and words for who may not read it; None for who may."""
        headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
        if self._tokens:
            return (
                None
                if self._brings_one(headers)
                else (401, b"Bring a token of METRICS_TOKEN as a bearer token.\n")
            )
        if _is_own(scope, headers):
            return None
        return (
            404,
            b"Figures are told on this machine alone. Set METRICS_TOKEN to read them from elsewhere.\n",
        )

    def _brings_one(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name.lower() == b"authorization"]
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        # All are compared, so that the time tells nothing of which one it was.
        same = [hmac.compare_digest(token.strip(), each) for each in self._tokens]
        return scheme.lower() == b"bearer" and any(same)


def _is_own(scope: Scope, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Asked on this machine, of this machine: another name is a page in a browser that was given our address as its own."""
    names = {name.lower() for name, _ in headers}
    hosts = [value for name, value in headers if name.lower() == b"host"]
    return (
        _is_loopback((scope.get("client") or ("",))[0])
        and not names & FORWARDED
        and all(OWN_NAME.fullmatch(host) for host in hosts)
    )


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
