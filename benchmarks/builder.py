"""The profile builder alone, one process, on a backlog in the embedded log, everything on.

`PEOPLE=100000,3000000 EVENTS=200000 python -m benchmarks builder` sets the populations and the backlog.
"""

import gc
import os
import subprocess
import time
from itertools import islice
from pathlib import Path

import psycopg

from benchmarks._installation import Installation
from benchmarks._population import populate
from benchmarks._visits import Visits, topics
from benchmarks.results import Figure
from profiles.builder.binary import COPY_HEADER, COPY_TRAILER
from streaming.contracts.events import decode_event
from streaming.contracts.records import Record, TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog

EVENTS = int(os.environ.get("EVENTS", "200000"))
POPULATIONS = tuple(map(int, os.environ.get("PEOPLE", "100000,3000000").split(",")))
PARTITIONS = 2
BATCH = 5000
MIB = 1024
_COPY = "COPY raw FROM STDIN (FORMAT binary)"
_PATIENCE_S = 600.0


def run() -> list[Figure]:
    """Measure each population in an installation of its own, and the floor beside the first."""
    figures, rates = [], []
    for number, people in enumerate(POPULATIONS):
        with Installation() as installation:
            log = PostgresLog(installation.conninfo)
            _fill(log, installation, people)
            floor = _floor(log, installation.connect()) if number == 0 else None
            log.close()
            rate, memory = build(installation)
        rates.append(rate)
        detail = (
            f"{people:,} people before; {EVENTS:,} events, of a new visitor 1 in 12, of each 6 on average"
        )
        goal = "15,000/s and 0.15 of consume + decode + COPY" if floor else ""
        figures += [
            Figure("profile builder, events", rate, "/s", goal, floor, detail),
            Figure("profile builder, memory", memory, "MB", "250 at most", detail=detail),
        ]
    few, many = POPULATIONS[0], POPULATIONS[-1]
    share = Figure(
        f"profile builder, rate with {many:,} people to that with {few:,}", rates[-1] / rates[0], "", "0.8"
    )
    return [*figures, share]


def _fill(log: PostgresLog, installation: Installation, people: int) -> None:
    visits = Visits(people, sample=EVENTS // 12)
    with installation.connect() as connection:
        populate(connection, people, visits.returning)
    log.create_topics([TopicSpec(topic, PARTITIONS) for topic in topics()])
    records, size = visits.records(EVENTS), 0
    while batch := list(islice(records, BATCH)):
        log.append(batch)
        size += sum(len(each.value or b"") for each in batch)
    print(f"   {people:,} people, {EVENTS:,} events of {size / EVENTS:.0f} bytes on average", flush=True)
    with installation.connect() as connection:
        connection.execute("CHECKPOINT")


def _floor(log: PostgresLog, connection: psycopg.Connection) -> float:
    """Events a second of a consumer that decodes and copies the raw records, a transaction for each batch."""
    connection.execute("CREATE TABLE raw (topic text, key bytea, value bytea)")
    reader = log.reader()
    reader.assign({TopicPartition(topic, each): 0 for topic in topics() for each in range(PARTITIONS)})
    done = 0
    started = time.perf_counter()
    while done < EVENTS:
        records = reader.poll(BATCH, 1.0)
        for record in records:
            decode_event(record.value)
        with connection.transaction(), connection.cursor().copy(_COPY) as copy:
            copy.write(b"".join([COPY_HEADER, *map(_row, records), COPY_TRAILER]))
        done += len(records)
    rate = done / (time.perf_counter() - started)
    reader.close()
    connection.execute("DROP TABLE raw")
    connection.close()
    return rate


def _row(record: Record) -> bytes:
    fields = (record.topic.encode(), record.key or b"", record.value or b"")
    return b"\x00\x03" + b"".join([len(field).to_bytes(4, "big") + field for field in fields])


def build(installation: Installation, events: int = EVENTS) -> tuple[float, float]:
    """Events a second of the real worker, without its start, and the most memory that it took, in MB."""
    gc.collect()
    process = installation.start("run_consumers", "profiles")
    with installation.connect() as connection:
        begun = _wait_for(connection, process, BATCH)
        ended = _wait_for(connection, process, events)
        found = connection.execute(
            "SELECT sum(applied), sum(rejected) FROM profiles_builder_minute"
        ).fetchone()
    if found != (events, 0):
        raise RuntimeError(f"{events} events were in the log, and (applied, rejected) were {found}")
    return (ended[1] - begun[1]) / (ended[0] - begun[0]), _peak_memory(process.pid) / MIB


def _wait_for(connection: psycopg.Connection, process: subprocess.Popen, events: int) -> tuple[float, int]:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        row = connection.execute(
            "SELECT coalesce(sum(applied), 0)::bigint FROM profiles_builder_minute"
        ).fetchone()
        now = time.perf_counter()
        if row is not None and row[0] >= events:
            return now, row[0]
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the builder stopped after {row} events")
        time.sleep(0.02)


def _peak_memory(pid: int) -> float:
    """The largest resident set of a process, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    for figure in run():
        print(figure)
