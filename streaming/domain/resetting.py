"""Setting positions anew where a consumer cannot go on: a decision of a person, never of the runtime."""

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from streaming.contracts.records import Bounds, TopicPartition
from streaming.database import connect
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of
from streaming.runtime.sessions import Connection, columns
from streaming.runtime.vanishing import missing_topics

_POSITIONS = "SELECT topic, partition, next_offset, log_identity FROM consumer_position WHERE consumer = %s"

# The epoch is raised, so that a running worker's batch is refused and it goes on from here.
_RESET = """
UPDATE consumer_position position SET next_offset = reset.next_offset, began_at = reset.began_at,
    log_identity = reset.log_identity, epoch = position.epoch + 1, moved_at = clock_timestamp()
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::text[])
    AS reset (topic, partition, next_offset, began_at, log_identity)
WHERE position.consumer = %s AND position.topic = reset.topic AND position.partition = reset.partition
"""

_FORGET_MARKS = """
DELETE FROM lane_mark mark USING unnest(%s::text[], %s::int[]) AS place (topic, partition)
WHERE mark.consumer = %s AND mark.topic = place.topic AND mark.partition = place.partition
"""


_FORGET = """
WITH forgotten AS (DELETE FROM consumer_position WHERE consumer = %(consumer)s AND topic = ANY(%(topics)s) RETURNING *),
leases AS (DELETE FROM consumer_lease WHERE consumer = %(consumer)s AND topic = ANY(%(topics)s)),
marks AS (DELETE FROM lane_mark WHERE consumer = %(consumer)s AND topic = ANY(%(topics)s))
SELECT topic, partition FROM forgotten ORDER BY 1, 2
"""


class Start(StrEnum):
    """Where reading goes on."""

    LOG_START = "start"
    LOG_END = "end"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Reset:
    """One position that was set. `skipped` counts offsets that will not be read, `repeated` those read again."""

    place: TopicPartition
    former: int
    current: int
    began_at: int

    @property
    def skipped(self) -> int:
        """Offsets that will never be read, whether or not they still exist."""
        return max(0, self.current - self.former)

    @property
    def repeated(self) -> int:
        """Offsets that will be read again."""
        return max(0, self.former - self.current)


@dataclass(frozen=True, slots=True)
class _Stored:
    next_offset: int
    log_identity: str


def reset_consumer(name: str, *, start: Start, topics: Collection[str] = ()) -> list[Reset]:
    """Set the positions of a consumer in these topics, or else wherever it cannot go on.

    It cannot go on where its position lies outside the log, or the topic is not the one it read before. A gap
    in what a lane sent is accepted there once. The marks of lanes are forgotten, so that what is read again is
    taken again, unless the consumer goes on where it is.
    """
    log = event_log()
    places = partitions_of(registered_consumers()[name](), log.topics())
    with (
        closing(connect(application_name="headwater consumer reset")) as connection,
        connection.transaction(),
    ):
        rows = connection.execute(_POSITIONS, [name]).fetchall()
        stored = {TopicPartition(row[0], row[1]): _Stored(row[2], row[3]) for row in rows}
        known = sorted(places & stored.keys())
        bounds = log.bounds(known) if known else {}
        identities = {topic: log.identity(topic) for topic in {place.topic for place in known}}
        wanted = _wanted_of(topics, stored, bounds, identities)
        chosen = [place for place in known if wanted(place)]
        resets = [_reset(place, stored[place], bounds[place], start) for place in chosen]
        _store(connection, name, resets, identities)
        if start is not Start.HERE:
            _forget_marks(connection, name, resets)
    return resets


def forget_topics(name: str, *, topics: Collection[str] = ()) -> list[TopicPartition]:
    """Forget where a consumer was in these topics, or else in all that it has read and that are gone from the log.

    A topic that the log holds is not forgotten: `reset_consumer` sets where reading it goes on. Raises LogError.
    """
    existing = event_log().topics()
    with (
        closing(connect(application_name="headwater consumer reset")) as connection,
        connection.transaction(),
    ):
        gone = missing_topics(connection, registered_consumers()[name](), existing)
        chosen = [topic for topic in topics or gone if topic not in existing]
        rows = connection.execute(_FORGET, {"consumer": name, "topics": chosen}).fetchall()
    return [TopicPartition(*row) for row in rows]


def _wanted_of(
    topics: Collection[str],
    stored: Mapping[TopicPartition, _Stored],
    bounds: Mapping[TopicPartition, Bounds],
    identities: Mapping[str, str],
) -> Callable[[TopicPartition], bool]:
    def cannot_go_on(place: TopicPartition) -> bool:
        position, (start, end) = stored[place], bounds[place]
        return position.log_identity != identities[place.topic] or not start <= position.next_offset <= end

    return (lambda place: place.topic in topics) if topics else cannot_go_on


def _reset(place: TopicPartition, stored: _Stored, bounds: Bounds, start: Start) -> Reset:
    former = stored.next_offset
    if start is Start.HERE:
        here = min(max(former, bounds.start), bounds.end)
        return Reset(place, former, here, max(here, 1))  # 0 would say that no gap can be
    current = bounds.start if start is Start.LOG_START else bounds.end
    return Reset(place, former, current, current)


def _store(
    connection: Connection, name: str, resets: Collection[Reset], identities: Mapping[str, str]
) -> None:
    topics, partitions = columns([each.place for each in resets])
    current, began_at = [each.current for each in resets], [each.began_at for each in resets]
    wanted = [topics, partitions, current, began_at, [identities[topic] for topic in topics], name]
    connection.execute(_RESET, wanted)


def _forget_marks(connection: Connection, name: str, resets: Collection[Reset]) -> None:
    connection.execute(_FORGET_MARKS, [*columns([each.place for each in resets]), name])
