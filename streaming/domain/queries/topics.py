"""The topics: what they hold, how fast they grow, who reads them, and what they would lose first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection

from streaming.contracts.log import EventLog
from streaming.contracts.records import Bounds, TopicPartition, TopicSpec
from streaming.domain.queries.extents import bounds_of, first_unread, lagging
from streaming.domain.topics.ownership import is_mark
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.discovery import reads

_RATE_OVER = timedelta(minutes=1)

# Consumers that were never started hold nothing back; those that were, the slowest first.
_SLOWEST = """
SELECT position.topic, position.partition, min(position.next_offset) FROM consumer_position position
WHERE position.consumer = ANY(%s) GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class TopicPartitionState:
    """What a partition holds."""

    partition: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic.

    `time_to_loss` is how long the slowest reader has before retention by time takes what it has not read; None
    when nothing is unread, or nothing is ever deleted by time.
    """

    name: str
    partitions: list[TopicPartitionState]
    records: int
    records_per_minute: int
    retention_seconds: int | None
    retention_bytes: int | None
    cleanup: str
    readers: list[str]
    time_to_loss: timedelta | None


def topics(now: datetime) -> list[TopicState]:
    """All topics, by name. Raises LogError while the log is away."""
    log = event_log()
    existing = {name: count for name, count in log.topics().items() if not is_mark(name)}
    bounds = bounds_of(log, existing)
    specs = log.describe(sorted(existing))
    recent = log.offsets_at(list(bounds), now - _RATE_OVER) if bounds else {}
    unread = _oldest_unread(log, bounds)
    readers = {name: factory() for name, factory in registered_consumers().items()}
    places = groupby(sorted(bounds), key=lambda place: place.topic)
    return [
        _state(
            specs[topic], [(place, bounds[place], recent[place]) for place in group],
            [name for name, consumer in readers.items() if reads(consumer, topic)], unread.get(topic), now,
        )
        for topic, group in places
        if topic in specs
    ]  # fmt: skip


def _state(
    spec: TopicSpec,
    partitions: Sequence[tuple[TopicPartition, Bounds, int]],
    readers: list[str],
    oldest_unread: datetime | None,
    now: datetime,
) -> TopicState:
    time_to_loss = None
    if oldest_unread is not None and spec.retention_seconds is not None and spec.cleanup == "delete":
        time_to_loss = max(timedelta(), oldest_unread + timedelta(seconds=spec.retention_seconds) - now)
    return TopicState(
        name=spec.name,
        partitions=[
            TopicPartitionState(place.partition, start, end) for place, (start, end), _ in partitions
        ],
        records=sum(end - start for _, (start, end), _ in partitions),
        records_per_minute=sum(end - at for _, (_, end), at in partitions),
        retention_seconds=spec.retention_seconds,
        retention_bytes=spec.retention_bytes,
        cleanup=spec.cleanup.value,
        readers=readers,
        time_to_loss=time_to_loss,
    )


def _oldest_unread(log: EventLog, bounds: Mapping[TopicPartition, Bounds]) -> dict[str, datetime]:
    """When the oldest record was appended that some reader has not read, by topic."""
    with connection.cursor() as cursor:
        cursor.execute(_SLOWEST, [list(registered_consumers())])
        positions = {TopicPartition(topic, number): offset for topic, number, offset in cursor.fetchall()}
    unread = first_unread(log, lagging(bounds, positions, positions.keys()))
    oldest: dict[str, datetime] = {}
    for place, at in unread.items():
        oldest[place.topic] = min(at, oldest.get(place.topic, at))
    return oldest
