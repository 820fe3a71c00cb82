"""Django behind ASGI, on a fixed number of threads that keep their database connection (docs/adr/0032).

Django's own ASGI handler starts a thread for every request. Those are as many connections as there are slow
requests, and a new connection for each. Here slow pages wait for each other, never for the collector.
"""

import asyncio
import contextvars
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, TypeVar

from cdp_site.metrics import pages
from cdp_site.web.answering import Receive, Scope, Send, answer_json
from cdp_site.web.bodies import IN_MEMORY_BYTES, Bounds, Disconnected, Refused, read_into
from cdp_site.web.clients import TAKEN_WITHIN_S, Client, NotTaken
from cdp_site.web.on_loop import OnLoop
from cdp_site.web.uploads import Uploads
from streaming.prepared import Elsewhere, Write, already_committed

Environ = dict[str, Any]
Result = TypeVar("Result")
WsgiApplication = Callable[[Environ, Any], Iterable[bytes]]

WAITING_PER_THREAD = 32

logger = logging.getLogger(__name__)


class DjangoThreads:
    """An ASGI callable. Bodies are read before a thread is taken, so slow clients hold none and keep nobody out.

    What `on_loop` is meant for takes a thread only when it has to.
    """

    def __init__(
        self,
        application: WsgiApplication,
        *,
        threads: int,
        bounds: Bounds | None = None,
        uploads: Uploads | None = None,
        on_loop: OnLoop | None = None,
    ) -> None:
        self._application, self._bounds, self._uploads = application, bounds or Bounds(), uploads
        self._on_loop = on_loop
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._admitted, self._most = 0, threads * (1 + WAITING_PER_THREAD)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _may_have_body(scope):
            await self._answer_or_refuse(scope, receive, send, BytesIO(), 0)
            return
        # The file goes before the slots do.
        with ExitStack() as held, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as body:
            try:
                size = await read_into(body, receive, await self._bounds_of(scope), held)
                body.seek(0)
            except Refused as refused:
                await answer_json(send, refused.status, refused.document, last=True)
            except Disconnected:
                return
            else:
                await self._answer_or_refuse(scope, receive, send, body, size)

    async def close(self) -> None:
        """End the threads once they have nothing to do."""
        if self._on_loop is not None:
            await self._on_loop.close()
        self._pool.shutdown()

    async def _bounds_of(self, scope: Scope) -> Bounds:
        uploads = self._uploads
        if uploads is None or scope["method"] != "POST" or scope["path"] != uploads.path:
            return self._bounds
        environ = environ_of(scope, BytesIO(), 0)
        return uploads.bounds if await self._in_thread(lambda: uploads.may_send(environ)) else self._bounds

    async def _answer_or_refuse(
        self, scope: Scope, receive: Receive, send: Send, body: Any, size: int
    ) -> None:
        try:
            await self._answer(scope, receive, send, body, size)
        except Refused as refused:
            await answer_json(send, refused.status, refused.document)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, body: Any, size: int) -> None:
        environ = environ_of(scope, body, size)
        client = Client(receive, send, asyncio.get_running_loop())
        work = _Work(self._application, environ, client)
        began = time.monotonic()
        try:
            rest = await self._run(work, environ)
        except NotTaken:  # without its end the answer is none: the server breaks the connection off
            logger.warning("an answer was broken off: its client took nothing for %.0f s", TAKEN_WITHIN_S)
            return
        except Disconnected:
            return
        finally:
            client.forget()
        for message in rest:
            await send(message)
        pages.count(scope["method"], work.status, time.monotonic() - began)

    async def _run(self, work: "_Work", environ: Environ) -> list[dict[str, Any]]:
        if self._on_loop is not None and self._on_loop.may_run(environ):
            try:
                return await self._on_loop.run(work.run)
            except Elsewhere as elsewhere:
                return await self._in_thread(partial(_again, work.run, elsewhere.committed))
        return await self._in_thread(work.run)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        """Have a thread of the pool do it. Raises Refused when too many wait for one."""
        if self._admitted >= self._most:
            raise Refused(503, "Too many requests wait", "Try again in a moment.")
        self._admitted += 1
        pages.work(1)
        try:
            # Not run_in_executor: linking its two futures costs as much as Django's own handling of a request.
            done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            self._pool.submit(_tell, done, work)
            return await done
        finally:
            self._admitted -= 1
            pages.work(-1)


def _may_have_body(scope: Scope) -> bool:
    """False only where the request cannot bring one that anybody would read."""
    if scope["method"] not in {"GET", "HEAD"}:
        return True
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _tell(done: "asyncio.Future[Result]", work: Callable[[], Result]) -> None:
    """In a thread of the pool: do the work in a context of its own, and tell the event loop what came of it."""
    try:
        result = contextvars.Context().run(work)
    except BaseException as error:  # noqa: BLE001 -- whoever waits gets it
        settle = partial(_settle, done, error=error)
    else:
        settle = partial(_settle, done, result=result)
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        done.get_loop().call_soon_threadsafe(settle)


def _again(work: Callable[[], Result], committed: Sequence[Write]) -> Result:
    """Do the work that was begun on the event loop, without what it wrote there already."""
    with already_committed(committed):
        return work()


def _settle(done: "asyncio.Future[Any]", *, result: Any = None, error: BaseException | None = None) -> None:
    if done.done():  # the client went away, or the server stops
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


class _Work:
    """One request in a thread of the pool."""

    def __init__(self, application: WsgiApplication, environ: Environ, client: Client) -> None:
        self._application, self._environ, self._client = application, environ, client
        self._start: dict[str, Any] = {}

    def run(self) -> list[dict[str, Any]]:
        """Call the application, and send a stream that it answers part by part; returns what is still to be sent.

        Raises NotTaken or Disconnected, with the stream closed, when the client takes no more of it.

        Each message that a thread has sent costs it two switches to the event loop, so a whole answer is returned.
        """
        parts = self._application(self._environ, self._start_response)
        try:
            if not getattr(parts, "streaming", True):
                return [self._start, {"type": "http.response.body", "body": b"".join(parts)}]
            self._client.hand(self._start)
            for part in parts:
                self._client.hand({"type": "http.response.body", "body": part, "more_body": True})
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
