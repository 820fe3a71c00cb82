"""The interface that every event log implements; one contract test suite runs against each of them.

Rules: docs/architecture.md ("The event log"). Order holds per key within one topic; nothing relies on more.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import psycopg

from streaming.contracts.records import Bounds, NewRecord, Record, TopicPartition, TopicSpec


class LogError(Exception):
    """Base of what a log raises."""


class LogUnavailable(LogError):
    """The log cannot be reached now; the same call may succeed later."""


class LogDenied(LogUnavailable):
    """The log refuses us: login, certificate or a right. It will until somebody changes that."""


class UnknownTopic(LogError):
    """The topic does not exist."""


class RecordTooLarge(LogError):
    """The log will never take this record."""


class OffsetOutOfRange(LogError):
    """The offset lies before the log's start or beyond its end: records were lost to this reader."""

    def __init__(self, topic_partition: TopicPartition, offset: int, bounds: Bounds) -> None:
        super().__init__(
            f"offset {offset} of {topic_partition.topic}/{topic_partition.partition} is outside the log, "
            f"which holds {bounds.start} to {bounds.end}"
        )
        self.topic_partition = topic_partition
        self.offset = offset
        self.bounds = bounds


class Reader(Protocol):
    """Reads several partitions from given offsets. Belongs to one thread."""

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read exactly these partitions from these offsets on; keeps what was buffered for unchanged ones."""

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop returning records of these partitions, without losing their place."""

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Return records of these partitions again."""

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        """Return up to `max_records` records, those of each partition in order of offset.

        Blocks up to `timeout` seconds while there are none. Never passes an append that is not committed.
        Raises OffsetOutOfRange, UnknownTopic, LogUnavailable.
        """

    def positions(self) -> Mapping[TopicPartition, int]:
        """The offset after the last record returned, of each assigned partition (beyond trailing gaps)."""

    def close(self) -> None:
        """Free what the reader holds."""


class EventLog(Protocol):
    """An append-only log of topics. Thread-safe; must not be shared across a fork."""

    def identity(self, topic: str) -> str:
        """Name this incarnation of the topic: another string once it was deleted and recreated."""

    def topics(self) -> Mapping[str, int]:
        """The topics and their numbers of partitions."""

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Create those that do not exist; leaves the others as they are. Idempotent, safe when raced."""

    def describe(self, topics: Sequence[str]) -> Mapping[str, TopicSpec]:
        """The real settings of the topics that exist."""

    def alter(self, spec: TopicSpec) -> None:
        """Set retention and clean-up of a topic, and raise its number of partitions."""

    def delete_topic(self, topic: str) -> None:
        """Delete the topic and its records."""

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """Append records without blocking; the future is done when every one of them is durable.

        Order per key holds among submissions of one thread. A failed future says nothing of single records:
        some may be durable, so that submitting again may append them twice. Its exception is LogUnavailable,
        UnknownTopic or RecordTooLarge.
        """

    def append(self, records: Sequence[NewRecord], timeout: float = 30.0) -> None:
        """Submit and wait. Raises what the future would, and LogUnavailable after `timeout` seconds."""

    def reader(self) -> Reader:
        """A new reader, with nothing assigned."""

    def bounds(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Bounds]:
        """What each partition holds now."""

    def offsets_at(self, partitions: Sequence[TopicPartition], at: datetime) -> Mapping[TopicPartition, int]:
        """The first offset appended at or after `at`, else the end, of each partition."""

    def tail(self, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
        """The last `count` records of each partition, oldest first; for screens, not for consumers."""

    def delete_before(self, positions: Mapping[TopicPartition, int]) -> None:
        """Delete what stands before these offsets, as far as the log can (Kafka: whole segments)."""

    def apply_retention(self, now: datetime) -> None:
        """Delete and compact what the topics' settings let go; does nothing where the log does so itself."""

    def check(self) -> str | None:
        """None when the log is reachable and can be written, else one line that says what is wrong."""

    def close(self) -> None:
        """Wait for submissions under way, then free everything."""


@runtime_checkable
class TransactionalLog(EventLog, Protocol):
    """A log in the database of the effects: records are appended in the transaction that has the effects."""

    def append_within(self, connection: psycopg.Connection[Any], records: Sequence[NewRecord]) -> None:
        """Append as part of the open transaction (READ COMMITTED); the last locks that it may take."""

    def announce(self) -> None:
        """Wake the readers of what was committed; called outside the transaction, and throttled."""
