"""A consumer with a backlog drains while live traffic goes on: do those without a backlog notice?

`BACKLOG=1000000 LIVE=1500 BEHIND=sessions python -m benchmarks backlog` sets the events that wait for one consumer, the
live events a second (else half of what both consumers together sustain, measured first), and whose backlog it is. The
floor is the same live traffic before that consumer is started.
"""

import asyncio
import os
import time
from collections.abc import Callable
from itertools import islice

import psycopg

from benchmarks._installation import Installation
from benchmarks._load import Outcome, drive
from benchmarks._visits import Visits, topics
from benchmarks.freshness import BATCH, Customer, probe
from benchmarks.pipeline import rate
from benchmarks.results import Figure
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog

BACKLOG = int(os.environ.get("BACKLOG", "1000000"))
LIVE = float(os.environ.get("LIVE", "0"))
BEHIND = os.environ.get("BEHIND", "sessions")
KNOWN = 100_000
PARTITIONS = 2
APPENDED_AT_ONCE = 5000
QUIET_SECONDS = 15.0
WINDOW_SECONDS = 5.0
PATIENCE_S = 1800.0
_READ = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_position WHERE consumer = %s"


def run() -> list[Figure]:
    """Make the backlog, measure without the consumer that has it, and with it until it has caught up."""
    live = LIVE or rate(["profiles", BEHIND], _has_caught_up) / 2
    with Installation() as installation, installation.connect() as connection:
        log = PostgresLog(installation.conninfo)
        _fill(log)
        profiles = installation.start("run_consumers", "profiles")
        arrived = [TopicPartition(topic, each) for topic in topics() for each in range(PARTITIONS)]
        deadline = time.monotonic() + PATIENCE_S
        while _read(connection, "profiles") < _ends(log, arrived):
            if profiles.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the profile builder did not make the backlog")
            time.sleep(0.5)
        installation.serve()
        customer = Customer(installation)
        floor, _ = asyncio.run(_beside(customer, live, lambda: False))
        installation.start("run_consumers", BEHIND)
        measured, seconds = asyncio.run(_beside(customer, live, lambda: _behind(log, connection) > live))
        log.close()
    detail = (
        f"{BACKLOG:,} events of backlog of {BEHIND}, {live:,.0f} live events a second in batches of {BATCH}"
    )
    return [
        Figure(
            "from the 200 to visible beside a backlog, p99", measured.percentile(0.99), "ms", "< 2,000",
            floor.percentile(0.99), detail,
        ),
        Figure("the backlog drained, events", BACKLOG / seconds, "/s", detail=f"in {seconds:.0f} s"),
    ]  # fmt: skip


async def _beside(customer: Customer, live: float, goes_on: Callable[[], bool]) -> tuple[Outcome, float]:
    """How long probes took to be seen under live traffic, for the quiet seconds and as long as it goes on."""
    started = time.monotonic()
    outcome = Outcome()
    while (passed := time.monotonic() - started) < QUIET_SECONDS or goes_on():
        if passed > PATIENCE_S:
            raise TimeoutError(f"{BEHIND} had not caught up after {PATIENCE_S:.0f} s")
        load = asyncio.create_task(
            drive(customer.port, customer.batches(), rate=live / BATCH, seconds=WINDOW_SECONDS)
        )
        window = await probe(customer, seconds=WINDOW_SECONDS - 1)
        outcome.latencies += window.latencies
        if (sent := await load).wrong:
            raise RuntimeError(f"{len(sent.wrong)} batches refused, the first: {sent.wrong[0][:300]!r}")
    return outcome, time.monotonic() - started


def _fill(log: PostgresLog) -> None:
    log.create_topics([TopicSpec(topic, PARTITIONS) for topic in topics()])
    records = Visits(KNOWN, sample=BACKLOG // 12).records(BACKLOG)
    while batch := list(islice(records, APPENDED_AT_ONCE)):
        log.append(batch)


def _has_caught_up(installation: Installation) -> bool:
    log = PostgresLog(installation.conninfo)
    try:
        with installation.connect() as connection:
            return _behind(log, connection) == 0
    finally:
        log.close()


def _behind(log: PostgresLog, connection: psycopg.Connection) -> int:
    """Events that the consumer has still to read."""
    places = [TopicPartition(EVENTS_TOPIC, each) for each in range(log.topics()[EVENTS_TOPIC])]
    return _ends(log, places) - _read(connection, BEHIND)


def _ends(log: PostgresLog, places: list[TopicPartition]) -> int:
    return sum(bounds.end for bounds in log.bounds(places).values())


def _read(connection: psycopg.Connection, consumer: str) -> int:
    row = connection.execute(_READ, [consumer]).fetchone()
    assert row is not None
    offset: int = row[0]
    return offset


if __name__ == "__main__":
    for figure in run():
        print(figure)
