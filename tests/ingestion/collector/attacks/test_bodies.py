"""Attacks 1 to 4, on how a body is sent: packed, without end, or slowly."""

import asyncio
import gzip
import itertools
import json
import socket
import time
from contextlib import ExitStack
from statistics import median

import psutil
import pytest

from ingestion.collector import body as reading
from ingestion.collector.answers import Refused
from ingestion.collector.body import read_body
from tests.ingestion.collector.attacks.sending import request_bytes, still_serves, track
from tests.ingestion.collector.serving import Server

MAX_REQUEST = 500 * 1024


def memory(server: Server) -> int:
    assert server.process is not None
    parent = psutil.Process(server.process.pid)
    return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))


def test_attack_01_a_gzip_bomb_is_refused_before_it_unfolds(server):
    bomb = gzip.compress(b'{"userId":"' + bytes(400_000_000) + b'"}', 9)
    assert len(bomb) < MAX_REQUEST
    before = memory(server)
    for path in ("/v1/track", "/v1/batch", "/v1/import"):
        answer = server.post(path, bomb)
        assert (answer.status, answer.json["code"]) == (413, "request_too_large")
    assert memory(server) - before < 64 << 20


def test_attack_01_gzip_within_gzip_is_unpacked_once(server):
    twice = gzip.compress(gzip.compress(json.dumps(track()).encode()))
    assert server.post("/v1/track", twice).json["code"] == "invalid_json"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "nonsense"])
def test_attack_02_a_wrong_content_encoding_does_not_decide(server, log, encoding):
    plain, packed = track(), track()
    assert server.post("/v1/track", plain, Content_Encoding=encoding).status == 200
    answer = server.post("/v1/track", gzip.compress(json.dumps(packed).encode()), Content_Encoding=encoding)
    assert answer.status == 200
    assert log.event(plain["messageId"])
    assert log.event(packed["messageId"])


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8b", gzip.compress(b'{"a":1}' * 500)[:-9], b"\x1f\x8b" + bytes(100)],
    ids=["head only", "cut", "garbage"],
)
def test_attack_02_broken_gzip_is_said_to_be(server, content):
    answer = server.post("/v1/track", content, Content_Encoding="gzip")
    assert (answer.status, answer.json["code"]) == (400, "invalid_gzip")


def test_attack_03_a_body_above_the_limit_is_refused_whole_or_in_chunks(server):
    for size in (MAX_REQUEST + 1, 4 << 20):
        answer = server.post("/v1/track", b" " * size)
        assert (answer.status, answer.json["code"]) == (413, "request_too_large"), (
            "read by who has sent it all"
        )
    chunked = request_bytes("/v1/track", "Transfer-Encoding: chunked\r\n")
    chunked += b"".join(b"10000\r\n" + bytes(65536) + b"\r\n" for _ in range(9)) + b"0\r\n\r\n"
    assert server.raw(chunked, seconds=3).startswith(b"HTTP/1.1 413 ")
    announced = request_bytes("/v1/track", f"Content-Length: {20 << 20}\r\n")
    assert server.raw(announced, seconds=1).startswith(b"HTTP/1.1 413 "), "before the body is sent"
    assert still_serves(server)


def test_attack_03_an_endless_body_is_not_read_for_ever():
    parts = itertools.repeat({"type": "http.request", "body": bytes(1 << 20), "more_body": True}, 100)

    async def receive():
        return next(parts)

    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(receive, MAX_REQUEST))
    assert refused.value.answer.status == 413
    assert len(list(parts)) > 90


def test_attack_04_many_slow_requests_hold_up_nobody(server):
    heads = [
        b"POST /v1/track HTTP/1.1\r\nHost: x\r\n",
        request_bytes("/v1/track", "Content-Length: 1000\r\n", b"{"),
    ]
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(300)
        ]
        for number, each in enumerate(sockets):
            each.sendall(heads[number % 2])
        took = []
        for _ in range(20):
            started = time.monotonic()
            assert still_serves(server)
            took.append(time.monotonic() - started)
        assert median(took) < 1, "a head is given up after two seconds: who waited for it would take as long"
        sockets[0].settimeout(10)
        assert sockets[0].recv(1000).startswith((b"HTTP/1.1 408", b"")), "a head that never ends is given up"


@pytest.mark.parametrize("parts", [0, 1])
def test_attack_04_a_body_that_does_not_come_is_answered_408(monkeypatch, parts):
    monkeypatch.setattr(reading, "READ_TIMEOUT_S", 0.05)
    messages = [{"type": "http.request", "body": b"{", "more_body": True}] * parts

    async def receive():
        return messages.pop() if messages else await asyncio.Event().wait()

    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(receive, 1000))
    assert refused.value.answer.status == 408
