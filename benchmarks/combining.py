"""The consumers that combine events, one process each, on a backlog in the embedded log, everything on.

`EVENTS=200000 CONSUMERS=sessions,social python -m benchmarks combining` sets the backlog and which are measured.
"""

import os
import subprocess
import time
from datetime import timedelta
from itertools import islice

import psycopg

from benchmarks._installation import Installation
from benchmarks._visits import Visits, topics
from benchmarks.results import Figure
from profiles.builder.binary import COPY_HEADER, COPY_TRAILER
from streaming.contracts.profiles import EVENTS_TOPIC, decode_profile_event
from streaming.contracts.records import Record, TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog

EVENTS = int(os.environ.get("EVENTS", "200000"))
CONSUMERS = tuple(os.environ.get("CONSUMERS", "sessions,social,behaviour").split(","))
KNOWN = 50_000
PARTITIONS = 2
BATCH = 5000
OVER = timedelta(hours=1)  # so that events of a visitor make visits
_PATIENCE_S = 900.0
_COPY = "COPY raw FROM STDIN (FORMAT binary)"
_READ = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_position WHERE consumer = %s"


def run() -> list[Figure]:
    """Have the builder make the backlog, then let each consumer read it, one after another."""
    with Installation() as installation:
        log = PostgresLog(installation.conninfo)
        _fill(log)
        with installation.connect() as connection:
            arrived = [TopicPartition(topic, each) for topic in topics() for each in range(PARTITIONS)]
            builder = installation.start("run_consumers", "profiles")
            _wait_for(connection, builder, "profiles", _ends(log, arrived))
            builder.terminate()
            builder.wait(60)
            places = [TopicPartition(EVENTS_TOPIC, each) for each in range(log.topics()[EVENTS_TOPIC])]
            floor = _floor(log, connection, places)
            ends = _ends(log, places)
            log.close()
            detail = f"{EVENTS:,} events, of a new visitor 1 in 12, of each 6 on average within an hour, 1 in 20 late"
            return [
                Figure(
                    f"{name}, events",
                    _rate(installation, connection, name, ends),
                    "/s",
                    "10,000/s",
                    floor,
                    detail,
                )
                for name in CONSUMERS
            ]


def _fill(log: PostgresLog) -> None:
    log.create_topics([TopicSpec(topic, PARTITIONS) for topic in topics()])
    records = Visits(KNOWN, sample=EVENTS // 12, over=OVER).records(EVENTS)
    while batch := list(islice(records, BATCH)):
        log.append(batch)


def _ends(log: PostgresLog, places: list[TopicPartition]) -> int:
    return sum(bounds.end for bounds in log.bounds(places).values())


def _floor(log: PostgresLog, connection: psycopg.Connection, places: list[TopicPartition]) -> float:
    """Events a second of a consumer that decodes and copies the raw records, a transaction for each batch."""
    connection.execute("CREATE TABLE raw (key bytea, value bytea)")
    reader = log.reader()
    reader.assign(dict.fromkeys(places, 0))
    done, started = 0, time.perf_counter()
    while done < EVENTS:
        records = reader.poll(BATCH, 1.0)
        for record in records:
            decode_profile_event(record.value)
        with connection.transaction(), connection.cursor().copy(_COPY) as copy:
            copy.write(b"".join([COPY_HEADER, *map(_row, records), COPY_TRAILER]))
        done += len(records)
    rate = done / (time.perf_counter() - started)
    reader.close()
    connection.execute("DROP TABLE raw")
    return rate


def _row(record: Record) -> bytes:
    fields = (record.key or b"", record.value or b"")
    return b"\x00\x02" + b"".join([len(field).to_bytes(4, "big") + field for field in fields])


def _rate(installation: Installation, connection: psycopg.Connection, name: str, ends: int) -> float:
    """Events a second of the real worker, without its start."""
    process = installation.start("run_consumers", name)
    begun = _wait_for(connection, process, name, 1)
    ended = _wait_for(connection, process, name, ends)
    process.terminate()
    process.wait(60)
    return (ended[1] - begun[1]) / (ended[0] - begun[0])


def _wait_for(
    connection: psycopg.Connection, process: subprocess.Popen[bytes], name: str, offsets: int
) -> tuple[float, int]:
    """When the consumer had read so far, and how far it was."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        row = connection.execute(_READ, [name]).fetchone()
        now = time.perf_counter()
        if row is not None and row[0] >= offsets:
            return now, row[0]
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} stopped after {row}")
        time.sleep(0.02)


if __name__ == "__main__":
    for figure in run():
        print(figure)
