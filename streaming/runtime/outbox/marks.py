"""A reader's marks: the highest record of each lane that it applied, per partition."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.sessions import Connection, columns
from streaming.runtime.stopping import OutboxGap

LANE_HEADER = "headwater-lane"

_LOAD = """
SELECT mark.topic, mark.partition, mark.lane, mark.incarnation, mark.number, mark."offset" FROM lane_mark mark
JOIN unnest(%s::text[], %s::int[]) AS place (topic, partition)
    ON mark.topic = place.topic AND mark.partition = place.partition
WHERE mark.consumer = %s
"""

_MOVE = """
INSERT INTO lane_mark AS mark (consumer, topic, partition, lane, incarnation, number, "offset")
SELECT %s, * FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[]) ORDER BY 1, 2, 3
ON CONFLICT (consumer, topic, partition, lane) DO UPDATE
    SET incarnation = excluded.incarnation, number = excluded.number, "offset" = excluded."offset"
"""

# Numbers that certainly fit their columns: anybody may write anything into a header.
_PLACE = re.compile(rb"([0-9]{1,9}) ([0-9]{1,18}) ([0-9]{1,18}) ([0-9]{1,18})")

LaneKey = tuple[str, int, int]


class Mark(NamedTuple):
    """The highest record of a lane that was applied; incarnation and number are compared in this order."""

    incarnation: int
    number: int
    offset: int


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
            place = _PLACE.fullmatch(value)
            return None if place is None else LaneNumber(*map(int, place.groups()))
    return None


def load(connection: Connection, consumer: str, places: Collection[TopicPartition]) -> dict[LaneKey, Mark]:
    """The marks of these partitions."""
    rows = connection.execute(_LOAD, [*columns(sorted(places)), consumer]).fetchall()
    return {(topic, partition, lane): Mark(*mark) for topic, partition, lane, *mark in rows}


def move(connection: Connection, consumer: str, records: Sequence[Record]) -> None:
    """Move the marks to the last record of each lane, in the open transaction."""
    moved: dict[LaneKey, Mark] = {}
    for record in records:
        if record.headers and (place := lane_number(record)) is not None:
            moved[record.topic, record.partition, place.lane] = Mark(
                place.incarnation, place.number, record.offset
            )
    if moved:
        rows = sorted((*key, *mark) for key, mark in moved.items())
        connection.execute(_MOVE, [consumer, *map(list, zip(*rows, strict=True))])


class LaneFilter:
    """Drops records that a lane sent again, and stops at a gap. Belongs to the reading thread.

    `began_at` says where reading of each partition began: the first record of a lane there may follow others
    that are not read, unless the partition is read from its very first record on. `compacted` are topics that
    let predecessors go.
    """

    def __init__(
        self,
        marks: Mapping[LaneKey, Mark],
        began_at: Mapping[TopicPartition, int],
        compacted: Collection[str],
    ) -> None:
        self._marks = dict(marks)
        self._began_at = began_at
        self._compacted = frozenset(compacted)

    def admit(self, records: Iterable[Record]) -> tuple[Sequence[Record], OutboxGap | None]:
        """The records without repetitions, up to the first gap, and that gap."""
        admitted: list[Record] = []
        for record in records:
            try:
                if not record.headers or self._is_new(record):
                    admitted.append(record)
            except OutboxGap as gap:
                return admitted, gap
        return admitted, None

    def _is_new(self, record: Record) -> bool:
        place = lane_number(record)
        if place is None:
            return True
        key = record.topic, record.partition, place.lane
        mark = self._marks.get(key)
        if mark is not None and (place.incarnation, place.number) <= mark[:2]:
            return False
        if record.topic not in self._compacted and self._misses_one(record, place, mark):
            raise _gap(record, place, mark)
        self._marks[key] = Mark(place.incarnation, place.number, record.offset)
        return True

    def _misses_one(self, record: Record, place: LaneNumber, mark: Mark | None) -> bool:
        began_at = self._began_at[record.topic_partition]
        if mark is None:
            return place.predecessor > 0 and began_at == 0
        is_first = mark.offset < began_at
        return place.incarnation == mark.incarnation and place.predecessor > mark.number and not is_first


def _gap(record: Record, place: LaneNumber, mark: Mark | None) -> OutboxGap:
    return OutboxGap(
        f"{record.topic}/{record.partition}/{record.offset} is number {place.number} of lane {place.lane} and follows "
        f"number {place.predecessor}, but the last one that was read is {mark.number if mark else 'none'}: records "
        "between them were lost on the way or by the log",
        record.topic,
    )
