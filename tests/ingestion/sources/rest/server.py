"""An API on a real socket: threads, pages, logins and faults, as the test says."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Reply:
    """What is answered: JSON, or bytes as they are. `breaks` ends the connection after so many bytes."""

    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    breaks: int | None = None

    def bytes(self) -> bytes:
        return json.dumps(self.document).encode() if self.body is None else self.body


def packed(document: Any) -> Reply:
    return Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(json.dumps(document).encode()))


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_request: object) -> None:
        """Whoever hangs up in the middle is no trouble of the server's."""


class Api:
    """The server, what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Reply] = lambda _asked: Reply([])
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                api._serve(self)

            do_GET = do_POST = _serve  # noqa: N815 -- the names that the class above calls

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def reset(self) -> None:
        self.asked.clear()
        self.answer = lambda _asked: Reply([])

    @contextmanager
    def running(self) -> Iterator["Api"]:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, parts.path, query, headers, body)
        with self._lock:
            self.asked.append(asked)
            reply = self.answer(asked)
        content = reply.bytes()
        handler.send_response(reply.status) if "Date" not in reply.headers else handler.send_response_only(
            reply.status
        )
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **reply.headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content if reply.breaks is None else content[: reply.breaks])
        if reply.breaks is not None:
            handler.close_connection = True


def customers(first: int, last: int, *, minute: str = "10:00") -> list[dict[str, Any]]:
    """Customers by number, changed at one minute: many with the same cursor."""
    return [
        {
            "id": number,
            "email": f"c{number}@example.com",
            "plan": "gold",
            "updated_at": f"2026-01-05T{minute}:00Z",
        }
        for number in range(first, last + 1)
    ]
