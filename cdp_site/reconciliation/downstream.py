"""Every consumer against the log: what it has read and still has to read, and what it can never read any more."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cdp_site.reconciliation.enums import FindingKind
from cdp_site.reconciliation.staging import Connection
from streaming.contracts.log import EventLog
from streaming.contracts.records import Bounds, TopicPartition
from streaming.domain.flow.retirement import retired_consumers
from streaming.domain.queries.extents import bounds_of
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of

_POSITIONS = "SELECT consumer, topic, partition, next_offset, log_identity FROM place"
_LETTERS = "SELECT consumer, topic, count(*) FROM dead_letter WHERE state = 'open' GROUP BY 1, 2"
_FOUND = """
INSERT INTO finding (kind, consumer, topic, partition, "offset", records) VALUES (%s, %s, %s, %s, %s, %s)
"""
_FORGET_POSITION = "DELETE FROM place WHERE consumer = %s AND topic = %s AND partition = %s"


@dataclass(frozen=True, slots=True)
class Downstream:
    """How far a consumer is in a topic, in records (offsets). `lost` is what it can never read any more."""

    consumer: str
    topic: str
    held: int
    read: int
    pending: int
    dead_letters: int
    lost: int


def compare_consumers(connection: Connection, log: EventLog) -> list[dict[str, Any]]:
    """All registered consumers, with findings where they do not fit the log; positions are those of the snapshot.

    A position of the builder in a topic that was made anew since counts no longer: nothing of it was read. Of who is
    retired, or not installed any more, nothing is expected: what it left unread is no finding.
    """
    registered = registered_consumers()
    expected = registered.keys() - retired_consumers()
    topics = log.topics()
    bounds = bounds_of(log, topics)
    identities = {topic: log.identity(topic) for topic in topics}
    positions: dict[str, dict[TopicPartition, int]] = defaultdict(dict)
    for consumer, topic, partition, offset, identity in connection.execute(_POSITIONS).fetchall():
        place = TopicPartition(topic, partition)
        if identity != identities.get(topic, identity):
            connection.execute(_FORGET_POSITION, [consumer, *place])
            if consumer in expected:
                connection.execute(_FOUND, [FindingKind.RECREATED, consumer, *place, offset, 0])
        else:
            positions[consumer][place] = offset
    letters = Counter({row[:2]: row[2] for row in connection.execute(_LETTERS).fetchall()})
    rows: list[Downstream] = []
    for name, factory in registered.items():
        by_topic: dict[str, list[TopicPartition]] = defaultdict(list)
        for place in sorted(partitions_of(factory(), topics)):
            by_topic[place.topic].append(place)
            if name in expected:
                _check(connection, name, place, positions[name].get(place), bounds[place])
        for topic, places in by_topic.items():
            spans = [(*bounds[place], positions[name].get(place, bounds[place].start)) for place in places]
            rows.append(_row(name, topic, spans, letters[name, topic]))
    return [asdict(row) for row in rows]


def _row(consumer: str, topic: str, spans: Sequence[tuple[int, int, int]], letters: int) -> Downstream:
    """`spans`: where each partition starts and ends, and how far the consumer is in it."""
    read = sum(max(0, min(at, end) - start) for start, end, at in spans)
    pending = sum(max(0, end - max(at, start)) for start, end, at in spans)
    lost = sum(max(0, start - at) for start, _, at in spans)
    return Downstream(consumer, topic, read + pending, read, pending, letters, lost)


def _check(
    connection: Connection, consumer: str, place: TopicPartition, position: int | None, bounds: Bounds
) -> None:
    if position is None:
        return
    if position < bounds.start:
        lost = bounds.start - position
        connection.execute(_FOUND, [FindingKind.OVERTAKEN, consumer, *place, position, lost])
    elif position > bounds.end:
        lost = position - bounds.end
        connection.execute(_FOUND, [FindingKind.BEYOND_THE_END, consumer, *place, position, lost])
