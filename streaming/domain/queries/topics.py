"""The topics: what they hold, how fast they grow, who reads them, and what they would lose first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from streaming.contracts.records import Bounds, TopicPartition, TopicSpec
from streaming.domain.flow.reading import seconds_to_loss
from streaming.domain.queries.consumers import conditions
from streaming.domain.queries.extents import bounds_of
from streaming.domain.topics.ownership import is_mark
from streaming.enums import STANDING
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.discovery import reads

_RATE_OVER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TopicPartitionState:
    """What a partition holds."""

    partition: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic.

    `seconds_to_loss` is how long it takes, at the present pace, until retention (by time or by size) takes what one of
    its readers has not read; None when no reader loses anything at that pace. See `streaming.domain.flow`.
    """

    name: str
    partitions: list[TopicPartitionState]
    records: int
    records_per_minute: int
    retention_seconds: int | None
    retention_bytes: int | None
    cleanup: str
    readers: list[str]
    seconds_to_loss: float | None


def topics(now: datetime) -> list[TopicState]:
    """All topics, by name. Raises LogError while the log is away."""
    log = event_log()
    existing = {name: count for name, count in log.topics().items() if not is_mark(name)}
    bounds = bounds_of(log, existing)
    specs = log.describe(sorted(existing))
    recent = log.offsets_at(list(bounds), now - _RATE_OVER) if bounds else {}
    standing = [name for name, condition in conditions(now).items() if condition in STANDING]
    losses = seconds_to_loss(now, standing=standing)
    readers = {name: factory() for name, factory in registered_consumers().items()}
    places = groupby(sorted(bounds), key=lambda place: place.topic)
    return [
        _state(
            specs[topic], [(place, bounds[place], recent[place]) for place in group],
            [name for name, consumer in readers.items() if reads(consumer, topic)], losses.get(topic),
        )
        for topic, group in places
        if topic in specs
    ]  # fmt: skip


def _state(
    spec: TopicSpec,
    partitions: Sequence[tuple[TopicPartition, Bounds, int]],
    readers: list[str],
    loss: float | None,
) -> TopicState:
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
        seconds_to_loss=loss,
    )
