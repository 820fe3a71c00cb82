"""A consumer whose effects can be counted, and the process that tests kill and freeze.

python -m tests.streaming.runtime.counting CONNINFO ADDRESS [OPTION=VALUE …]
"""

import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, Record, TopicSpec
from streaming.runtime.consumer import Batch, Consumer, InvalidMessage, MessageRejected
from streaming.runtime.stopping import ConsumerStopped
from streaming.runtime.timing import Timing
from streaming.runtime.worker import Surroundings, Worker
from tests.streaming.contract.subject import open_log

QUICK = Timing(
    lease=3.0,
    beat=0.1,
    discovery=0.3,
    grace=0.5,
    batch_limit=20.0,
    first_pause=0.02,
    longest_pause=0.2,
    patience=1.0,
)
OUTPUT = "derived"
_CREATE = """
CREATE TABLE IF NOT EXISTS effect (
    topic text NOT NULL, partition int NOT NULL, "offset" bigint NOT NULL, value text NOT NULL, worker int NOT NULL
)
"""


class Counting(Consumer):
    """Each record has one row as its effect, and one record on OUTPUT."""

    name = "counting"
    topics = ("numbers.*",)
    publishes = (TopicSpec(OUTPUT, 2),)
    max_records = 50
    max_wait = 0.02

    def __init__(self, **settings: Any) -> None:
        self.output: str | None = OUTPUT
        self.fail: Callable[[Record], None] | None = settings.pop("fail", None)
        self.seconds_per_batch = 0.0
        self.seen: Counter[bytes] = Counter()
        for name, value in settings.items():
            setattr(self, name, value)

    def prepare(self, records: Sequence[Record]) -> list[str]:
        return [(record.value or b"").decode(errors="replace") for record in records]

    def process(self, batch: Batch) -> None:
        rows = []
        for record, value in zip(batch.records, batch.prepared, strict=True):
            self.seen[record.value or b""] += 1
            if self.fail is not None:
                self.fail(record)
            rows.append((record.topic, record.partition, record.offset, value))
        batch.connection.cursor().executemany(
            "INSERT INTO effect VALUES (%s, %s, %s, %s, pg_backend_pid())", rows
        )
        if self.output:
            batch.publish([NewRecord(self.output, record.key, record.value) for record in batch.records])
        if self.seconds_per_batch:
            batch.connection.execute("SELECT pg_sleep(%s)", [self.seconds_per_batch])


def misbehave(record: Record) -> None:
    """What the value says."""
    value = record.value or b""
    if value.startswith(b"invalid"):
        raise InvalidMessage("it says that it is invalid", record)
    if value.startswith(b"anonymous invalid"):
        raise InvalidMessage("one of them is invalid")
    if value.startswith(b"poison"):
        raise KeyError("a secret of the message")
    if value.startswith(b"later"):
        raise MessageRejected("not now")


def create_effects(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(_CREATE)


def new_worker(conninfo: str, log: EventLog, consumer: Consumer, **given: Any) -> Worker:
    def connect(*, autocommit: bool, application_name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(conninfo, autocommit=autocommit, application_name=application_name)

    return Worker(
        consumer, Surroundings(log=log, connect=connect, timing=given.pop("timing", QUICK), **given)
    )


def main(conninfo: str, address: str, *options: str) -> int:
    given = dict(option.split("=", 1) for option in options)
    consumer = Counting(fail=misbehave, seconds_per_batch=float(given.get("seconds_per_batch", 0)))
    consumer.name = given.get("name", consumer.name)
    timing = Timing(
        **{**{at: getattr(QUICK, at) for at in QUICK.__slots__}, "lease": float(given.get("lease", 3))}
    )
    log = open_log(address)
    worker = new_worker(conninfo, log, consumer, timing=timing)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    try:
        worker.run()
    except ConsumerStopped as stop:
        sys.stderr.write(f"{stop}\n")
        return 3
    finally:
        log.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
