"""Connections to the very address that was checked, so that a name cannot stand for another one a moment later."""

import ssl
from functools import lru_cache

import httpx

from ingestion.sources.hosts import checked_addresses

_PORTS = {"http": 80, "https": 443}


class CheckedTransport(httpx.BaseTransport):
    """Sends requests to addresses that `checked_addresses` gave; certificates are held against the name."""

    def __init__(self) -> None:
        self._transport = httpx.HTTPTransport(
            verify=_trusted(), limits=httpx.Limits(max_connections=2, keepalive_expiry=30)
        )
        self._known: dict[tuple[str, int], list[str]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. Raises SourceRefused, SourceUnavailable, and httpx.TransportError."""
        host, port = request.url.host, request.url.port or _PORTS[request.url.scheme]
        if (host, port) not in self._known:
            self._known[host, port] = checked_addresses(host, port)
        *others, last = self._known[host, port]
        for address in others:
            try:
                return self._transport.handle_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # this address does not answer: another one of the name may
        return self._transport.handle_request(_to(last, request))

    def close(self) -> None:
        """Close what is open."""
        self._transport.close()


def _to(address: str, request: httpx.Request) -> httpx.Request:
    host = request.url.host
    return httpx.Request(
        request.method, request.url.copy_with(host=address), headers=request.headers, stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )  # fmt: skip


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
