"""A reader's marks: the highest record of each lane that it applied, per partition."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.sessions import Connection, columns
from streaming.runtime.stopping import OutboxGap

LANE_HEADER = "headwater-lane"

_LOAD = """
SELECT mark.topic, mark.partition, mark.lane, mark.incarnation, mark.number FROM lane_mark mark
JOIN unnest(%s::text[], %s::int[]) AS place (topic, partition)
    ON mark.topic = place.topic AND mark.partition = place.partition
WHERE mark.consumer = %s
"""

_MOVE = """
INSERT INTO lane_mark AS mark (consumer, topic, partition, lane, incarnation, number)
SELECT %s, * FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::int[], %s::bigint[]) ORDER BY 1, 2, 3
ON CONFLICT (consumer, topic, partition, lane)
    DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number
"""

LaneKey = tuple[str, int, int]
Mark = tuple[int, int]  # incarnation and number, compared in this order


class LaneNumber(NamedTuple):
    """What a record says of its place in its lane."""

    incarnation: int
    lane: int
    number: int
    predecessor: int

    @property
    def header(self) -> bytes:
        """As it stands in the record's header."""
        return b"%d %d %d %d" % self


def lane_number(record: Record) -> LaneNumber | None:
    """The record's place in its lane; None for records that no lane sent, such as raw events."""
    for name, value in record.headers:
        if name == LANE_HEADER:
            return LaneNumber(*map(int, value.split()))
    return None


def load(connection: Connection, consumer: str, places: Collection[TopicPartition]) -> dict[LaneKey, Mark]:
    """The marks of these partitions."""
    rows = connection.execute(_LOAD, [*columns(sorted(places)), consumer]).fetchall()
    return {
        (topic, partition, lane): (incarnation, number)
        for topic, partition, lane, incarnation, number in rows
    }


def move(connection: Connection, consumer: str, records: Sequence[Record]) -> None:
    """Move the marks to the last record of each lane, in the open transaction."""
    moved: dict[LaneKey, Mark] = {}
    for record in records:
        if record.headers and (place := lane_number(record)) is not None:
            moved[record.topic, record.partition, place.lane] = place.incarnation, place.number
    if moved:
        rows = sorted((*key, *mark) for key, mark in moved.items())
        connection.execute(_MOVE, [consumer, *map(list, zip(*rows, strict=True))])


class LaneFilter:
    """Drops records that a lane sent again, and stops at a gap. Belongs to the reading thread.

    `from_start` are the partitions that were read from their first record on: only there must a lane's first
    record have no predecessor. `compacted` are topics that let predecessors go.
    """

    def __init__(
        self,
        marks: Mapping[LaneKey, Mark],
        from_start: Collection[TopicPartition],
        compacted: Collection[str],
    ) -> None:
        self._marks = dict(marks)
        self._from_start = frozenset(from_start)
        self._compacted = frozenset(compacted)

    def admit(self, records: Iterable[Record]) -> Sequence[Record]:
        """The records without repetitions. Raises OutboxGap."""
        return [record for record in records if not record.headers or self._is_new(record)]

    def _is_new(self, record: Record) -> bool:
        place = lane_number(record)
        if place is None:
            return True
        key = record.topic, record.partition, place.lane
        mark = self._marks.get(key)
        number = place.incarnation, place.number
        if mark is not None and number <= mark:
            return False
        self._check(record, place, mark)
        self._marks[key] = number
        return True

    def _check(self, record: Record, place: LaneNumber, mark: Mark | None) -> None:
        if record.topic in self._compacted:
            return
        if mark is None:
            missing = place.predecessor > 0 and record.topic_partition in self._from_start
        else:
            missing = place.incarnation == mark[0] and place.predecessor > mark[1]
        if missing:
            applied = mark[1] if mark else "none"
            raise OutboxGap(
                f"{record.topic}/{record.partition}/{record.offset} is number {place.number} of lane {place.lane} and "
                f"follows number {place.predecessor}, but the last one that was read is {applied}: records between "
                "them were lost on the way or by the log"
            )
