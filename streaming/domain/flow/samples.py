"""The last look at each consumer in each partition, as the database keeps it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from streaming.contracts.records import TopicPartition
from streaming.domain.flow.outlook import Kept
from streaming.domain.flow.pace import Pace, Sample

# A turn in the future was taken by a clock that has been put right since.
_TAKE_TURN = "UPDATE consumer_flow_turn SET taken_at = %s WHERE taken_at < %s OR taken_at > %s"

_LOAD = """
SELECT consumer, topic, partition, sampled_at, log_start, log_end, next_offset, unread_since,
    arriving_per_second, applied_per_second, gaining, retention_seconds, retention_bytes, record_bytes, has_begun, used
FROM consumer_flow
"""

_STORE = """
INSERT INTO consumer_flow (consumer, topic, partition, sampled_at, log_start, log_end, next_offset, unread_since,
    arriving_per_second, applied_per_second, gaining, retention_seconds, retention_bytes, record_bytes, has_begun, used)
SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::timestamptz[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[], %s::bigint[], %s::float8[], %s::bool[],
    %s::float8[])
ON CONFLICT (consumer, topic, partition) DO UPDATE SET
    sampled_at = excluded.sampled_at, log_start = excluded.log_start, log_end = excluded.log_end,
    next_offset = excluded.next_offset, unread_since = excluded.unread_since,
    arriving_per_second = excluded.arriving_per_second, applied_per_second = excluded.applied_per_second,
    gaining = excluded.gaining, retention_seconds = excluded.retention_seconds,
    retention_bytes = excluded.retention_bytes, record_bytes = excluded.record_bytes,
    has_begun = excluded.has_begun, used = excluded.used
"""

_FORGET = "DELETE FROM consumer_flow WHERE sampled_at < %s"


class Place(NamedTuple):
    """A consumer in a partition."""

    consumer: str
    topic_partition: TopicPartition


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, and the pace up to it. `has_begun`: the consumer has a position there."""

    sample: Sample
    pace: Pace
    kept: Kept
    has_begun: bool
    used: float


def take_turn(now: datetime, every: timedelta) -> bool:
    """Whether it is the caller's turn to look: at most one of all processes has it in each span."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [now, now - every, now + every])
        return bool(cursor.rowcount)


def load() -> dict[Place, Look]:
    """All last looks."""
    with connection.cursor() as cursor:
        cursor.execute(_LOAD)
        return dict(map(_look, cursor.fetchall()))


def store(looks: Mapping[Place, Look], at: datetime) -> None:
    """Keep these instead of the former ones; what was not seen again is forgotten."""
    ordered: Collection[Place] = sorted(looks)  # one order of locks for all who store
    rows = [_row(place, looks[place]) for place in ordered]
    with transaction.atomic(), connection.cursor() as cursor:
        if rows:
            cursor.execute(_STORE, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(_FORGET, [at])


def _look(row: Sequence[object]) -> tuple[Place, Look]:
    consumer, topic, partition, at, start, end, position, unread_since, *paces = row[:11]
    seconds, size, record_bytes, has_begun, used = row[11:]
    sample = Sample(at, start, end, position, unread_since)  # type: ignore[arg-type]  # a row of the database
    look = Look(sample, Pace(*paces), Kept(seconds, size, record_bytes), has_begun, used)  # type: ignore[arg-type]
    return Place(consumer, TopicPartition(topic, partition)), look  # type: ignore[arg-type]


def _row(place: Place, look: Look) -> tuple[object, ...]:
    sample, pace, kept = look.sample, look.pace, look.kept
    return (
        place.consumer, *place.topic_partition, sample.at, sample.start, sample.end, sample.position,
        sample.unread_since, pace.arriving, pace.applied, pace.gaining, kept.seconds, kept.bytes, kept.record_bytes,
        look.has_begun, look.used,
    )  # fmt: skip
