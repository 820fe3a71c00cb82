"""The collector: durable answers a second, on the embedded log and on three Kafka nodes, consumers stopped.

Everything is on: the whole protocol, validation, limits, 1,000 suppressed identifiers, live view, counts, metrics.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg import sql

from benchmarks._installation import ROOT, Installation
from benchmarks._kafka import three_nodes
from benchmarks._waiting import until
from benchmarks._web import await_configuration
from benchmarks._wrk import Counted, drive
from benchmarks.results import Figure
from streaming.contracts.records import NewRecord
from streaming.postgres.rows import COLUMNS, SIGNATURE, TRAILER, copy_rows, row_start

SECONDS = float(os.environ.get("SECONDS", "8"))
KEY = "BENCHKEY1"
HEADERS = (f"Authorization: Basic {b64encode(f'{KEY}:'.encode()).decode()}", "Content-Type: application/json")
EVENT_BYTES = 612
BATCH = 100
COPIED_AT_ONCE = 10_000
_EMPTY_PORT = 8977

_SUPPRESS = """
from datetime import UTC, datetime
from compliance import suppression
from compliance.access import Actor
for number in range(1000):
    suppression.suppress("user_id", f"gone-{number}", by=Actor.system("benchmark"), now=datetime.now(UTC))
"""
_TOPICS = """
from ingestion.domain.event_names import create_event_topics
from streaming.event_log import close_event_log, event_log
create_event_topics(event_log())
close_event_log()
"""
_IS_NAMED = b"SELECT count(*) > 0 FROM ingestion_eventname"


def run() -> list[Figure]:
    """Measure the floors and the figures, on each log."""
    return [*_embedded(), *_kafka()]


def _embedded() -> list[Figure]:
    with serving() as (installation, url):
        singles = {count: single_events(url, count) for count in (32, 128, 512)}
        batches = batched_events(url)
        with installation.connect() as connection:
            copied, in_bulk = (_copy_floor(connection, rows) for rows in (BATCH, COPIED_AT_ONCE))
    with _empty_server() as empty_url:
        empty = {
            count: drive(empty_url, SINGLES, connections=count, seconds=SECONDS / 2) for count in singles
        }
    goals = {128: "12,000/s, p99 < 25 ms, 0.15 of granian's empty answer"}
    return [
        *(
            _figure(f"single events, {count} connections", counted, floor=empty[count].per_second, goal=goals.get(count, ""))
            for count, counted in singles.items()
        ),
        _figure(
            f"batches of {BATCH}, events", batches, times=BATCH, floor=copied,
            goal="60,000/s, p99 < 120 ms, 1.0 of one connection's durable COPY of each request's rows",
        ),
        Figure(f"one connection's COPY, {COPIED_AT_ONCE:,} of the same rows at a time", in_bulk, "/s"),
    ]  # fmt: skip


def _kafka() -> list[Figure]:
    with three_nodes(), serving() as (_installation, url):
        single, batches = single_events(url, 128), batched_events(url)
    return [
        _figure("single events, 128 connections, three Kafka nodes", single),
        _figure(f"batches of {BATCH}, events, three Kafka nodes", batches, times=BATCH),
    ]


@contextmanager
def serving() -> Iterator[tuple[Installation, str]]:
    """The web server alone, warm, with the event's topic there and somebody suppressed."""
    with Installation() as installation:
        installation.manage("create_source", "Benchmark", "--write-key", KEY)
        installation.manage("shell", "-c", _SUPPRESS)
        installation.serve()
        url = f"http://127.0.0.1:{installation.port}"
        single_events(url, 32, seconds=3)
        with installation.connect() as connection:
            until(lambda: connection.execute(_IS_NAMED).fetchone() == (True,), "the event's name is reported")
        installation.manage("shell", "-c", _TOPICS)
        await_configuration(url)
        yield installation, url


@contextmanager
def _empty_server() -> Iterator[str]:
    """granian as the product runs it, with an application that does nothing."""
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(_EMPTY_PORT), "--workers", "1",
        "--loop", "uvloop", "--no-ws", "--log-level", "error", "benchmarks._empty:application",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        until(_is_open, "granian listens")
        yield f"http://127.0.0.1:{_EMPTY_PORT}/"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _is_open() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", _EMPTY_PORT)) == 0


def event(number: int) -> bytes:
    """A track of 612 bytes, as Segment's SDK for Node sends it."""
    item: dict[str, Any] = {
        "type": "track", "messageId": f"node-{UUID(int=number * 7919 + (1 << 96))}", "event": "Product Viewed",
        "userId": f"user-{number % 5000}", "anonymousId": str(UUID(int=number % 9000 + (1 << 100))),
        "timestamp": "2026-01-05T10:20:30.123Z",
        "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}, "locale": "en-GB",
                    "page": {"path": "/shoes/42", "url": "https://shop.example/shoes/42", "title": "Running shoes"}},
        "properties": {"sku": f"SKU-{number % 300}", "price": 59.95, "currency": "EUR", "category": "Shoes"},
        "integrations": {},
    }  # fmt: skip
    item["properties"]["note"] = ""
    item["properties"]["note"] = "x" * (EVENT_BYTES - len(orjson.dumps(item)))
    return orjson.dumps(item)


SINGLES = [event(number) for number in range(2000)]
BATCHES = [
    b'{"batch":[' + b",".join(event(first * BATCH + number) for number in range(BATCH)) + b'],"sentAt":"2026-01-05T10:20:31Z"}'
    for first in range(50)
]  # fmt: skip


def single_events(url: str, connections: int, seconds: float = SECONDS) -> Counted:
    return drive(f"{url}/v1/track", SINGLES, connections=connections, seconds=seconds, headers=HEADERS)


def batched_events(url: str) -> Counted:
    return drive(f"{url}/v1/batch", BATCHES, connections=32, seconds=SECONDS, headers=HEADERS)


def _copy_floor(connection: psycopg.Connection, rows: int) -> float:
    """Rows a second that one session makes durable so many at a time, in the log's form, in a table with its index."""
    values = connection.execute("SELECT value, key FROM log_record LIMIT %s", [rows]).fetchall()
    records = [NewRecord("t", bytes(key), bytes(value)) for value, key in values]
    day = connection.execute("SELECT max(tableoid::regclass::text) FROM log_record").fetchone()
    assert day is not None
    connection.execute("DROP TABLE IF EXISTS copied")
    connection.execute(
        sql.SQL("CREATE TABLE copied (LIKE {} INCLUDING ALL)").format(sql.Identifier(day[0])),
    )
    constant, copied, started = row_start(1, 0, 20_260_101, 1_800_000_000_000_000), 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS / 2:
        with connection.cursor().copy(f"COPY copied ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"".join([SIGNATURE, *copy_rows(constant, copied, records), TRAILER]))
        copied += len(records)
    return copied / (time.perf_counter() - started)


def _figure(
    name: str, counted: Counted, *, times: int = 1, floor: float | None = None, goal: str = ""
) -> Figure:
    detail = f"p50 {counted.p50:.1f} ms, p99 {counted.p99:.1f} ms"
    if counted.wrong:
        detail += f", {counted.wrong} WITHOUT A 200"
    return Figure(f"collector, {name}", counted.per_second * times, "/s", goal, floor, detail)


if __name__ == "__main__":
    for figure in run():
        print(figure)
