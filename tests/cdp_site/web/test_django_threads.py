"""Django on a fixed number of threads: what requests and answers look like, and that slow ones hold up nobody else."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from cdp_site.web import bodies, clients
from cdp_site.web.bodies import IN_MEMORY_BYTES, Bounds, Slots
from cdp_site.web.django_threads import WAITING_PER_THREAD, DjangoThreads, environ_of
from cdp_site.web.uploads import Uploads

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
        if disconnect:
            self._messages.append({"type": "http.disconnect"})
        self.sent: list[dict[str, Any]] = []
        self._left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if not self._messages:  # the client waits for the answer
            await self._left.wait()
        return self._messages.pop(0)

    def leave(self) -> None:
        self._messages.append({"type": "http.disconnect"})
        self._left.set()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]  # type: ignore[no-any-return]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def ask(
    application: Any,
    conversation: Conversation,
    *,
    uploads: Uploads | None = None,
    bounds: Bounds | None = None,
    **scope: Any,
) -> Conversation:
    async def run() -> None:
        await DjangoThreads(application, threads=2, bounds=bounds or Bounds(size=100), uploads=uploads)(
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


def test_who_does_not_take_an_answer_gives_the_thread_back(monkeypatch):
    monkeypatch.setattr(clients, "TAKEN_WITHIN_S", 0.2)
    ended: list[str] = []

    class Stalling(Conversation):
        async def send(self, message: dict[str, Any]) -> None:
            await super().send(message)
            if len(self.sent) > 2:
                await asyncio.Event().wait()

    def parts() -> Iterator[bytes]:
        try:
            yield from (b"a", b"b", b"c")
        except GeneratorExit:
            ended.append("cut")
            raise

    def stream(_environ, start_response):
        start_response("200 OK", [])
        return parts()

    def application(environ, start_response):
        if environ["QUERY_STRING"]:
            return stream(environ, start_response)
        start_response("200 OK", [])
        return [b"next"]

    async def run() -> tuple[Conversation, Conversation]:
        pages = DjangoThreads(application, threads=1)
        stalled, following = Stalling(b""), Conversation(b"")
        await pages(SCOPE, stalled.receive, stalled.send)
        await pages({**SCOPE, "query_string": b""}, following.receive, following.send)
        return stalled, following

    stalled, following = asyncio.run(run())
    assert ended == ["cut"]
    assert [message.get("body") for message in stalled.sent[1:]] == [b"a", b"b"]
    assert all(message["more_body"] for message in stalled.sent[1:]), "what was cut does not look whole"
    assert following.body == b"next"


def test_a_stream_ends_when_its_client_has_gone():
    ended: list[str] = []

    class Leaving(Conversation):
        async def send(self, message: dict[str, Any]) -> None:
            await super().send(message)
            if len(self.sent) == 3:
                self.leave()

    def parts() -> Iterator[bytes]:
        try:
            for number in range(1000):
                yield str(number).encode()
        except GeneratorExit:
            ended.append("cut")
            raise

    def stream(_environ, start_response):
        start_response("200 OK", [])
        return parts()

    answer = ask(stream, Leaving(b""))
    assert ended == ["cut"], (
        "a server takes what nobody reads any more, so that it must be asked who is there"
    )
    assert len(answer.sent) < 50


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
        pool = DjangoThreads(slow, threads=2)
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


class Silent(Conversation):
    """One whose body never ends; its first part comes."""

    def __init__(self, part: bytes) -> None:
        super().__init__(part, disconnect=True)
        self.is_silent = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if len(self._messages) > 1:
            return await super().receive()
        self.is_silent.set()
        return await asyncio.Future()


def test_bodies_that_never_come_end_in_time_and_keep_nobody_out(monkeypatch):
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.5)

    async def run() -> tuple[Conversation, list[Silent]]:
        pool = DjangoThreads(echo, threads=1)
        silent = [Silent(b"half") for _ in range(2 * (1 + WAITING_PER_THREAD))]
        waiting = [asyncio.create_task(pool(SCOPE, each.receive, each.send)) for each in silent]
        await asyncio.sleep(0)  # all of them are being read
        other = Conversation(b"mine")
        await pool(SCOPE, other.receive, other.send)
        await asyncio.wait_for(asyncio.gather(*waiting), 30)
        return other, silent

    other, silent = asyncio.run(run())
    assert (other.status, other.body) == (200, b"mine")
    assert {each.status for each in silent} == {408}


def test_large_bodies_are_so_many_at_a_time_and_come_whole():
    bounds = Bounds(large=Slots(1))
    part = b"x" * (IN_MEMORY_BYTES + 1)

    async def run() -> tuple[Conversation, Conversation, Conversation]:
        pool = DjangoThreads(echo, threads=1, bounds=bounds)
        first, second, third = Silent(part), Conversation(part), Conversation(part, b"y")
        held = asyncio.create_task(pool(SCOPE, first.receive, first.send))
        await first.is_silent.wait()
        await pool(SCOPE, second.receive, second.send)
        held.cancel()
        await asyncio.wait([held])
        await pool(SCOPE, third.receive, third.send)
        return first, second, third

    first, second, third = asyncio.run(run())
    assert first.sent == []
    assert second.status == 503
    assert (third.status, third.body) == (200, part + b"y")


@pytest.mark.parametrize(
    ("path", "may", "status"), [("/up/", True, 200), ("/up/", False, 413), ("/other/", True, 413)]
)
def test_only_uploads_of_those_who_may_are_large(path, may, status):
    uploads = Uploads("/up/", Bounds(size=1000), lambda environ: environ["PATH_INFO"] == "/up/" and may)
    assert ask(echo, Conversation(b"x" * 500), uploads=uploads, path=path).status == status
    assert ask(echo, Conversation(b"x" * 1001), uploads=uploads, path=path).status == 413


def test_an_upload_may_take_as_long_as_its_bytes_need(monkeypatch):
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.05)
    uploads = Uploads("/up/", Bounds(size=1000, rate=1), lambda _: True)

    class Slow(Conversation):
        async def receive(self) -> dict[str, Any]:
            if len(self._messages) == 1:
                await asyncio.sleep(0.2)
            return await super().receive()

    assert ask(echo, Slow(b"x" * 30, b"x"), uploads=uploads, path="/up/").status == 200
    assert ask(echo, Slow(b"x" * 30, b"x"), path="/other/").status == 408
