"""A log under test: what the contract tests need beyond its interface."""

import contextlib
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streaming.contracts.log import EventLog, Reader
from streaming.contracts.records import Cleanup, NewRecord, Record, TopicPartition, TopicSpec
from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]


def open_log(address: str) -> PostgresLog | KafkaLog:
    """The log of an address that a process was given."""
    return KafkaLog.of_url(address) if address.startswith("kafka:") else PostgresLog(address)


class Subject:
    """One back end. Topics that it makes have names of their own, so that tests share the log."""

    def __init__(self, log: EventLog, address: str | None = None) -> None:
        self.log = log
        self.address = address

    def topic(self, partitions: int = 1, **settings: Any) -> str:
        """A new topic."""
        name = f"t.{uuid.uuid4().hex[:12]}"
        self.log.create_topics([TopicSpec(name, partitions, **settings)])
        return name

    @contextlib.contextmanager
    def reading(self, positions: Mapping[TopicPartition, int]) -> Iterator[Reader]:
        """A reader of these positions."""
        reader = self.log.reader()
        try:
            reader.assign(positions)
            yield reader
        finally:
            reader.close()

    def read(self, positions: Mapping[TopicPartition, int]) -> list[Record]:
        """Everything from these positions up to the ends that the log has now."""
        ends = {place: bounds.end for place, bounds in self.log.bounds(list(positions)).items()}
        records: list[Record] = []
        with self.reading(positions) as reader:
            eventually(lambda: has_read(reader, records, ends), f"reading up to {ends}")
        return records

    @staticmethod
    def poll_until_error(reader: Reader) -> None:
        """Poll, expecting no record, until the reader raises; some seconds at most."""
        for _ in range(20):
            assert reader.poll(10, 1) == []

    def read_topic(self, topic: str) -> list[Record]:
        """All records of a topic, from its start."""
        places = [TopicPartition(topic, number) for number in range(self.log.topics()[topic])]
        return self.read({place: bounds.start for place, bounds in self.log.bounds(places).items()})

    def let_go(self, ahead: timedelta = timedelta()) -> None:
        """Have the log's retention run as if it were later; Kafka's runs by itself, by the real time."""
        self.log.apply_retention(datetime.now(UTC) + ahead)

    def process(self, role: str, *arguments: object) -> subprocess.Popen[str]:
        """Start contract/process.py in a role on this log."""
        assert self.address is not None
        command = [sys.executable, "-m", "tests.streaming.contract.process", role, self.address]
        return subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def taken(into: list[Record], reader: Reader, most: int = 50) -> list[Record]:
    """`into`, with what the reader has by now."""
    into.extend(reader.poll(most, 0.2))
    return into


def has_read(reader: Reader, into: list[Record], ends: Mapping[TopicPartition, int]) -> bool:
    """Take what the reader has by now; whether it has come to these ends."""
    into.extend(reader.poll(5000, 0.2))
    return all(reader.positions()[place] >= end for place, end in ends.items())


def content(record: Record) -> bytes:
    """The value of a record that is no tombstone."""
    assert record.value is not None
    return record.value


def numbered(topic: str, count: int, key: bytes = b"key", size: int = 0, first: int = 0) -> list[NewRecord]:
    """Records whose values are consecutive numbers, filled up to a size with what no compression makes smaller."""
    return [
        NewRecord(topic, key, b"%d " % n + secrets.token_bytes(max(0, size - 8)))
        for n in range(first, first + count)
    ]


def numbers(records: list[Record]) -> list[int]:
    """The numbers that `numbered` wrote."""
    return [int((record.value or b"-1").partition(b" ")[0]) for record in records]


COMPACTED: dict[str, Any] = {"cleanup": Cleanup.COMPACT, "retention_seconds": None}
