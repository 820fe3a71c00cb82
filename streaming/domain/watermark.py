"""A consumer's watermark: up to which moment everything that was accepted has had its effect."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicPartition
from streaming.domain.queries.extents import bounds_of, first_unread, lagging
from streaming.domain.upstream import waiting_upstream
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of

_POSITIONS = "SELECT topic, partition, next_offset, moved_at FROM consumer_position WHERE consumer = %s"
_NEVER = datetime.min.replace(tzinfo=UTC)


class Watermark(NamedTuple):
    """`held_by` says what holds it back; it is empty while the consumer has caught up and nothing waits."""

    at: datetime
    held_by: str = ""


def watermark(name: str, *, log: EventLog, now: datetime) -> Watermark:
    """The minimum over what the consumer reads and over what waits outside the log. Raises LogError.

    A partition that is read to its end counts as `now`, another one as the append of its next unread record. A
    collector's spool counts as its oldest record, a silent collector as its last sign of life. A reader of what
    this consumer publishes may use the watermark only once it applied all that was published up to it.
    """
    waiting = [Watermark(each.since, each.reason) for each in waiting_upstream(now)]
    return min([Watermark(now), *waiting, *_unread(name, log, now)])


def _unread(name: str, log: EventLog, now: datetime) -> list[Watermark]:
    topics = log.topics()
    places = partitions_of(registered_consumers()[name](), topics)
    ends = bounds_of(log, {place.topic: topics[place.topic] for place in places})
    positions = _positions(name)
    behind = lagging(ends, {place: offset for place, (offset, _) in positions.items()}, places)
    appended = first_unread(log, behind)
    return [
        # Not found by the short look: nothing is promised beyond the last progress.
        Watermark(
            min(now, appended.get(place) or positions.get(place, (0, _NEVER))[1]),
            f"{name!r} has not read {place.topic}/{place.partition} to its end",
        )
        for place in behind
    ]


def _positions(name: str) -> Mapping[TopicPartition, tuple[int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [name])
        return {
            TopicPartition(topic, partition): (offset, moved_at)
            for topic, partition, offset, moved_at in cursor.fetchall()
        }
