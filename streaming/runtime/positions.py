"""Where a consumer goes on in each partition, fenced by epochs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicPartition
from streaming.runtime.sessions import Connection, columns
from streaming.runtime.stopping import LeaseLost

_KNOWN = "SELECT topic, partition FROM consumer_position WHERE consumer = %s"

_BEGIN = """
INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)
SELECT %s, topic, partition, starts_at, log_identity, starts_at
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::text[]) AS new (topic, partition, starts_at, log_identity)
ON CONFLICT DO NOTHING
"""

_RAISE_EPOCHS = """
UPDATE consumer_position position SET epoch = position.epoch + 1
FROM unnest(%s::text[], %s::int[]) AS place (topic, partition)
WHERE position.consumer = %s AND position.topic = place.topic AND position.partition = place.partition
RETURNING position.topic, position.partition, position.next_offset, position.epoch, position.began_at,
    position.log_identity
"""

_MOVE = """
UPDATE consumer_position position SET next_offset = moved.next_offset, moved_at = clock_timestamp()
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) AS moved (topic, partition, next_offset, epoch)
WHERE position.consumer = %s AND position.topic = moved.topic AND position.partition = moved.partition
    AND position.epoch = moved.epoch
"""


class Position(NamedTuple):
    """A position as its owner took it over."""

    next_offset: int
    epoch: int
    began_at: int
    log_identity: str


class Beginning(NamedTuple):
    """Where reading of a partition begins that this consumer never read."""

    offset: int
    log_identity: str


def beginnings(
    connection: Connection, log: EventLog, consumer: str, places: Iterable[TopicPartition]
) -> Mapping[TopicPartition, Beginning]:
    """The log's starts, for those of the places that have no position yet."""
    known = {TopicPartition(*row) for row in connection.execute(_KNOWN, [consumer]).fetchall()}
    connection.rollback()  # no transaction stays open while the log is asked
    new = sorted(set(places) - known)
    if not new:
        return {}
    identities = {topic: log.identity(topic) for topic in {place.topic for place in new}}
    bounds = log.bounds(new)
    return {place: Beginning(bounds[place].start, identities[place.topic]) for place in new}


def begin(connection: Connection, consumer: str, new: Mapping[TopicPartition, Beginning]) -> None:
    """Store positions for partitions that have none; leaves those that somebody else stored meanwhile."""
    if new:
        topics, partitions = columns(list(new))
        starts = [beginning.offset for beginning in new.values()]
        identities = [beginning.log_identity for beginning in new.values()]
        connection.execute(_BEGIN, [consumer, topics, partitions, starts, identities])


def take(
    connection: Connection, consumer: str, places: Sequence[TopicPartition]
) -> dict[TopicPartition, Position]:
    """Fence every former owner, and return where each partition goes on."""
    rows = connection.execute(_RAISE_EPOCHS, [*columns(places), consumer]).fetchall()
    return {
        TopicPartition(topic, partition): Position(next_offset, epoch, began_at, identity)
        for topic, partition, next_offset, epoch, began_at, identity in rows
    }


def move(
    connection: Connection,
    consumer: str,
    ends: Mapping[TopicPartition, int],
    held: Mapping[TopicPartition, Position],
) -> None:
    """Move positions in the open transaction. Raises LeaseLost when an epoch is no longer ours."""
    try:
        epochs = [held[place].epoch for place in ends]
    except KeyError as error:
        raise LeaseLost(f"{error} is not held by this worker") from None
    moved = connection.execute(
        _MOVE, [*columns(list(ends)), list(ends.values()), epochs, consumer], prepare=True
    ).rowcount
    if moved != len(ends):
        raise LeaseLost(f"{len(ends) - moved} of {len(ends)} partitions have another owner")
