"""The part of a request that comes before its body."""

from typing import Any

from compliance.addresses import Networks, client_address
from ingestion.collector.keys import header_anonymous_id

Scope = dict[str, Any]


class Head:
    """The headers that the collector looks at, the last one of each name (X-Forwarded-For: all of them)."""

    __slots__ = (
        "agent",
        "anonymous_id",
        "authorization",
        "forwarded",
        "host",
        "length",
        "peer",
        "query",
        "scheme",
    )

    def __init__(self, scope: Scope) -> None:
        self.query: bytes = scope["query_string"]
        self.peer: str = scope["client"][0] if scope.get("client") else ""
        self.scheme: str = scope["scheme"]
        self.authorization: bytes | None = None
        self.forwarded: str | None = None
        self.anonymous_id: str | None = None
        self.length = 0
        self.host = self.agent = ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.authorization = value
            elif name == b"content-length":
                self.length = int(value)
            elif name == b"host":
                self.host = value.decode("latin-1")
            elif name == b"user-agent":
                self.agent = value.decode("latin-1")
            elif name == b"x-forwarded-for":
                text = value.decode("latin-1")
                self.forwarded = text if self.forwarded is None else f"{self.forwarded},{text}"
            elif name == b"anonymousid":
                self.anonymous_id = header_anonymous_id(value)
            elif name == b"x-forwarded-proto" and value in {b"http", b"https"}:
                self.scheme = value.decode()

    def address(self, trusted: Networks) -> str:
        """The address of the client, past the proxies that we trust."""
        return client_address(self.peer, self.forwarded, trusted)
