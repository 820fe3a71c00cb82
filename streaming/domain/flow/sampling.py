"""Looking how consumers keep up: every few seconds, by whichever process asks first.

Web processes ask, because they show it and because their collectors slow down by it, and imports, which wait for it. A
look is one question to the log for what its partitions hold, one for the positions, and a short read where the age of
what waits cannot be told.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import Bounds, Cleanup, TopicPartition, TopicSpec
from streaming.domain.flow import samples
from streaming.domain.flow.outlook import Kept, outlook
from streaming.domain.flow.pace import Pace, Sample, next_pace
from streaming.domain.flow.pressure import Pressure, pressure
from streaming.domain.flow.samples import Look, Place
from streaming.domain.queries.extents import bounds_of, first_unread
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of

EVERY = timedelta(seconds=3)
_SETTINGS_SECONDS = 15.0  # how long what topics keep is remembered
_SIZED_BY = 20  # records whose mean stands for a topic's
_POSITIONS = "SELECT consumer, topic, partition, next_offset FROM consumer_position"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Settings:
    """What topics keep, as of a moment ago."""

    kept: Mapping[str, Kept] = field(default_factory=dict)
    read_at: float = float("-inf")


class Sampler:
    """Looks when it is its turn. Belongs to one thread."""

    def __init__(self, every: timedelta = EVERY) -> None:
        self._every = every
        self._settings = _Settings()

    def look(self, log: EventLog, now: datetime) -> bool:
        """Look unless somebody did lately; says whether it did. Raises LogError, django.db.Error."""
        if not samples.take_turn(now, self._every):
            return False
        topics = log.topics()
        bounds, positions, former = bounds_of(log, topics), _positions(), samples.load()
        kept = self._kept(log, topics)
        read = {
            Place(name, place): positions.get(Place(name, place))
            for name, factory in registered_consumers().items()
            for place in partitions_of(factory(), topics)
            if place in bounds
        }
        seen = _seen(log, read, bounds, former, now)
        samples.store(
            {
                place: _look(
                    sample, former.get(place), kept.get(place.topic_partition.topic, Kept()), place, read
                )
                for place, sample in seen.items()
            },
            now,
        )
        return True

    def pressure(self, open_log: Callable[[], EventLog], now: datetime) -> Pressure:
        """Look if it is due, then say what is asked of whoever writes; while the log is away, as of the look before.

        Raises django.db.Error.
        """
        try:
            self.look(open_log(), now)
        except LogError as error:
            logger.debug("how consumers keep up is not known while the log is away: %s", error)
        return pressure()

    def _kept(self, log: EventLog, topics: Mapping[str, int]) -> Mapping[str, Kept]:
        settings, now = self._settings, time.monotonic()
        if now - settings.read_at > _SETTINGS_SECONDS or topics.keys() - settings.kept.keys():
            specs = log.describe(sorted(topics))
            sizes = _sizes(log, [spec for spec in specs.values() if spec.retention_bytes is not None])
            settings.kept = {name: _kept_by(spec, sizes.get(name)) for name, spec in specs.items()}
            settings.read_at = now
        return settings.kept


def _kept_by(spec: TopicSpec, size: float | None) -> Kept:
    """What compaction takes is no loss: a newer record has said more."""
    if spec.cleanup is not Cleanup.DELETE:
        return Kept()
    return Kept(spec.retention_seconds, spec.retention_bytes, size)


def _sizes(log: EventLog, specs: Iterable[TopicSpec]) -> dict[str, float]:
    """The usual size of a record of these topics, as far as they hold any."""
    places = [TopicPartition(spec.name, number) for spec in specs for number in range(spec.partitions)]
    found: dict[str, list[int]] = {}
    for record in log.tail(places, _SIZED_BY) if places else ():
        found.setdefault(record.topic, []).append(len(record.value or b"") + len(record.key or b""))
    return {topic: max(1.0, sum(sizes) / len(sizes)) for topic, sizes in found.items()}


def _positions() -> dict[Place, int]:
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS)
        return {
            Place(name, TopicPartition(topic, number)): offset
            for name, topic, number, offset in cursor.fetchall()
        }


def _seen(
    log: EventLog,
    read: Mapping[Place, int | None],
    bounds: Mapping[TopicPartition, Bounds],
    former: Mapping[Place, Look],
    now: datetime,
) -> dict[Place, Sample]:
    """A sample of each; those whose next record's age is not known yet are looked up in the log."""
    found: dict[Place, Sample] = {}
    unknown: dict[Place, int] = {}
    for place, offset in read.items():
        start, end = bounds[place.topic_partition]
        position = start if offset is None else offset
        before = former[place].sample if place in former else None
        found[place] = Sample(now, start, end, position, _since(before, position, end, now))
        if start <= position < end and found[place].unread_since is None:
            unknown[place] = position
    for place, since in _looked_up(log, unknown).items():
        sample = found[place]
        found[place] = Sample(sample.at, sample.start, sample.end, sample.position, since)
    return found


def _since(before: Sample | None, position: int, end: int, now: datetime) -> datetime | None:
    """When the record at the position was appended, as far as the look before tells."""
    if before is None or position >= end or before.end > end:
        return None
    if position == before.position and before.unread_since is not None:
        return before.unread_since
    if position >= before.end:  # it arrived since: records are taken to have come evenly
        return before.at + (now - before.at) * ((position - before.end) / (end - before.end))
    return None


def _looked_up(log: EventLog, unknown: Mapping[Place, int]) -> dict[Place, datetime]:
    """By reading one record at each position; consumers of the same partition after each other."""
    found: dict[Place, datetime] = {}
    for consumer in sorted({place.consumer for place in unknown}):
        positions = {place.topic_partition: at for place, at in unknown.items() if place.consumer == consumer}
        appended = first_unread(log, positions)
        found |= {Place(consumer, place): at for place, at in appended.items()}
    return found


def _look(
    sample: Sample, former: Look | None, kept: Kept, place: Place, read: Mapping[Place, int | None]
) -> Look:
    pace = Pace() if former is None else next_pace(former.sample, former.pace, sample)
    used = outlook(sample, pace, kept, now=sample.at).used
    return Look(sample, pace, kept, read[place] is not None, used)
