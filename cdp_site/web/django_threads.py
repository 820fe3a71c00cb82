"""Django behind ASGI, on a fixed number of threads that keep their database connection (docs/adr/0032).

Django's own ASGI handler starts a thread for every request. Those are as many connections as there are slow
requests, and a new connection for each. Here slow pages wait for each other, never for the collector.
"""

import asyncio
import contextvars
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from cdp_site.metrics import pages
from cdp_site.web.answering import Receive, Scope, Send, answer_json

Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Any], Iterable[bytes]]

IN_MEMORY_BYTES = 512 * 1024
WAITING_PER_THREAD = 32
_BUSY = {
    "type": "about:blank",
    "title": "Too many requests wait",
    "status": 503,
    "detail": "Try again in a moment.",
}


class BodyTooLarge(Exception):
    """The request's body has more bytes than any page takes."""


class Disconnected(Exception):
    """The client went away."""


class DjangoThreads:
    """An ASGI callable. Bodies are read before a thread is taken, so slow clients hold none."""

    def __init__(self, application: WsgiApplication, *, threads: int, max_body: int) -> None:
        self._application, self._max_body = application, max_body
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._admitted, self._most = 0, threads * (1 + WAITING_PER_THREAD)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._admitted >= self._most:
            await answer_json(send, 503, _BUSY)
            return
        self._admitted += 1
        pages.WAITING.inc()
        try:
            await self._answer(scope, receive, send)
        finally:
            self._admitted -= 1
            pages.WAITING.dec()

    def close(self) -> None:
        """End the threads once they have nothing to do."""
        self._pool.shutdown()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as body:
            try:
                size = await read_into(body, receive, self._max_body)
            except BodyTooLarge:
                detail = f"A request has at most {self._max_body} bytes."
                await answer_json(send, 413, {"title": "Request too large", "status": 413, "detail": detail})
                return
            except Disconnected:
                return
            body.seek(0)
            loop = asyncio.get_running_loop()
            work = _Work(self._application, environ_of(scope, body, size), loop, send)
            began = time.monotonic()
            for message in await loop.run_in_executor(self._pool, contextvars.Context().run, work.run):
                await send(message)
            pages.count(scope["method"], work.status, time.monotonic() - began)


class _Work:
    """One request in a thread of the pool."""

    def __init__(
        self, application: WsgiApplication, environ: Environ, loop: asyncio.AbstractEventLoop, send: Send
    ) -> None:
        self._application, self._environ, self._loop, self._send = application, environ, loop, send
        self._start: dict[str, Any] = {}

    def run(self) -> list[dict[str, Any]]:
        """Call the application, and send a stream that it answers part by part; returns what is still to be sent.

        Each message that a thread has sent costs it two switches to the event loop, so a whole answer is returned.
        """
        parts = self._application(self._environ, self._start_response)
        try:
            if not getattr(parts, "streaming", True):
                return [self._start, {"type": "http.response.body", "body": b"".join(parts)}]
            self._tell(self._start)
            for part in parts:
                self._tell({"type": "http.response.body", "body": part, "more_body": True})
            return [{"type": "http.response.body", "body": b""}]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    @property
    def status(self) -> int:
        """What was answered."""
        status: int = self._start["status"]
        return status

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:  # noqa: ARG002 -- WSGI's
        self._start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }

    def _tell(self, message: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(self._sent(message), self._loop).result()

    async def _sent(self, message: dict[str, Any]) -> None:
        await self._send(message)


async def read_into(body: Any, receive: Receive, limit: int) -> int:
    """Write the request's body to the file and return its size. Raises BodyTooLarge, Disconnected."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        body.write(part)
        if not message.get("more_body"):
            return size


def environ_of(scope: Scope, body: BinaryIO | Any, size: int) -> Environ:
    """What WSGI calls the request. Headers with an underscore are dropped: they could pass for others."""
    server = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        _add_header(environ, raw_name.decode("latin-1"), raw_value.decode("latin-1"))
    environ["CONTENT_LENGTH"] = str(size)  # what came, whatever the client said
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key == "CONTENT_TYPE":
        environ[key] = value
    elif key != "CONTENT_LENGTH":
        joint = "; " if key == "COOKIE" else ","
        key = f"HTTP_{key}"
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
