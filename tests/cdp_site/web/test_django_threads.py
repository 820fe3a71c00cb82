"""Django on a fixed number of threads: what requests and answers look like, and that slow ones hold up nobody else."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from cdp_site.web.django_threads import WAITING_PER_THREAD, DjangoThreads, environ_of

SCOPE = {
    "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/pfad/ü", "query_string": b"q=1",
    "headers": [], "client": ("10.1.2.3", 5), "server": ("127.0.0.1", 8000),
}  # fmt: skip


class Conversation:
    """One request given in parts, and what was answered."""

    def __init__(self, *parts: bytes, disconnect: bool = False) -> None:
        self._messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": number < len(parts) - 1 or disconnect}
            for number, part in enumerate(parts)
        ]
        self._messages.append({"type": "http.disconnect"})
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self._messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]  # type: ignore[no-any-return]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def ask(
    application: Any, conversation: Conversation, *, threads: int = 2, max_body: int = 100, **scope: Any
) -> Conversation:
    async def run() -> None:
        await DjangoThreads(application, threads=threads, max_body=max_body)(
            {**SCOPE, **scope}, conversation.receive, conversation.send
        )

    asyncio.run(run())
    return conversation


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Length", environ["CONTENT_LENGTH"])])
    return [environ["wsgi.input"].read()]


def test_the_body_arrives_whole():
    answer = ask(echo, Conversation(b"one ", b"two"))
    assert (answer.status, answer.body) == (200, b"one two")
    assert (b"x-length", b"7") in answer.sent[0]["headers"]


def test_a_body_beyond_the_limit_is_refused_unread():
    called = []
    answer = ask(lambda *_: called.append(1), Conversation(b"x" * 60, b"x" * 60))
    assert answer.status == 413
    assert called == []


def test_who_went_away_gets_no_thread():
    called = []
    answer = ask(lambda *_: called.append(1), Conversation(b"half", disconnect=True))
    assert (answer.sent, called) == ([], [])


def test_parts_are_sent_as_they_come_and_the_answer_is_closed():
    class Parts:
        closed = False

        def __iter__(self):
            yield b"a"
            yield b"b"

        def close(self):
            Parts.closed = True

    def stream(_environ, start_response):
        start_response("206 Partial Content", [])
        return Parts()

    answer = ask(stream, Conversation(b""))
    assert answer.status == 206
    assert [message.get("body") for message in answer.sent[1:]] == [b"a", b"b", b""]
    assert [message.get("more_body", False) for message in answer.sent[1:]] == [True, True, False]
    assert Parts.closed


def test_headers_that_could_pass_for_others_are_dropped():
    headers = [
        (b"x-forwarded-for", b"1.1.1.1"), (b"x_forwarded_for", b"6.6.6.6"), (b"content-length", b"99"),
        (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y"), (b"content-type", b"text/plain"),
    ]  # fmt: skip
    environ = environ_of({**SCOPE, "headers": headers}, None, 7)
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"
    assert environ["CONTENT_LENGTH"] == "7"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_ACCEPT"] == "x,y"


def test_addresses_and_clients_are_told():
    environ = environ_of(SCOPE, None, 0)
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/pfad/ü"
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == (
        "q=1",
        "10.1.2.3",
        "8000",
    )


def test_slow_requests_use_no_more_threads_than_there_are_and_the_loop_goes_on():
    release, used = threading.Event(), set[int]()

    def slow(_environ, start_response):
        used.add(threading.get_ident())
        assert release.wait(30)
        start_response("200 OK", [])
        return []

    async def run() -> list[int]:
        pool = DjangoThreads(slow, threads=2, max_body=10)
        room = 2 * (1 + WAITING_PER_THREAD)
        conversations = [Conversation(b"") for _ in range(room + 3)]
        waiting = [asyncio.create_task(pool(SCOPE, each.receive, each.send)) for each in conversations]
        await asyncio.sleep(0)  # the loop is free although every thread is taken
        done, _ = await asyncio.wait(waiting[room:], timeout=30)
        assert len(done) == 3, "those beyond the room are answered at once"
        release.set()
        await asyncio.wait_for(asyncio.gather(*waiting), 30)
        return [each.status for each in conversations]

    statuses = asyncio.run(run())
    assert statuses.count(503) == 3
    assert statuses.count(200) == len(statuses) - 3
    assert len(used) == 2


def test_what_the_application_raises_reaches_the_server():
    def broken(*_):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ask(broken, Conversation(b""))
