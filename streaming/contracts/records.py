"""Records of the event log, and the topics and partitions that hold them.

Records are made by the hundred thousand a second, and a named tuple takes half as long to make as a frozen dataclass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import repeat
from typing import NamedTuple

Headers = tuple[tuple[str, bytes], ...]


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class Cleanup(StrEnum):
    """What retention does with old records of a topic."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic should be. `retention_bytes` bounds each partition; None means no bound."""

    name: str
    partitions: int
    retention_seconds: int | None = 7 * 24 * 3600
    retention_bytes: int | None = None
    cleanup: Cleanup = Cleanup.DELETE


class NewRecord(NamedTuple):
    """A record to append. With `partition` None the log chooses it by a stable hash of `key`."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


def keyed_records(
    topics: Sequence[str], keys: Sequence[bytes], values: Sequence[bytes]
) -> Iterable[NewRecord]:
    """A record of each topic, key and value. Made in half the time of one call a record."""
    of_all = repeat((), len(topics)), repeat(None, len(topics))
    return map(tuple.__new__, repeat(NewRecord), zip(topics, keys, values, *of_all, strict=True))


class Record(NamedTuple):
    """A record as read. A `value` of None is a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    appended_at: datetime

    @property
    def topic_partition(self) -> TopicPartition:
        """Where the record stands."""
        return TopicPartition(self.topic, self.partition)


class Bounds(NamedTuple):
    """`start` is the first offset that can still be read; `end` the one that the next record will get."""

    start: int
    end: int
