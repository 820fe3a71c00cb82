"""What the partitions hold: bounds, offsets by time, the last records."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.postgres.days import KEPT, day_of
from streaming.postgres.rows import decode_headers
from streaming.postgres.sessions import Connection

_BOUNDS = """
SELECT place.number, topic.id, coalesce(floor.log_start, 0),
    greatest(coalesce(highest."offset", -1), coalesce(floor.highest_deleted, -1)) + 1,
    topic.cleanup = 'compact' OR topic.retention_seconds IS NULL OR coalesce(highest.day, {kept}) <> {kept}
FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS place (topic, partition, number)
JOIN log_topic topic ON topic.name = place.topic AND place.partition < topic.partitions
LEFT JOIN log_floor floor ON floor.topic_id = topic.id AND floor.partition = place.partition
LEFT JOIN LATERAL (
    SELECT record."offset", record.day FROM log_record record
    WHERE record.topic_id = topic.id AND record.partition = place.partition AND record.day >= {day}
    ORDER BY record."offset" DESC LIMIT 1
) highest ON true
ORDER BY place.number
"""

_FIRST_AT = """
SELECT place.number, record."offset", record.appended_at
FROM unnest(%s::int[], %s::int[], %s::bigint[]) WITH ORDINALITY AS place (topic_id, partition, "offset", number)
CROSS JOIN LATERAL (
    SELECT record."offset", record.appended_at FROM log_record record
    WHERE record.topic_id = place.topic_id AND record.partition = place.partition
        AND record."offset" >= place."offset"
    ORDER BY record."offset" LIMIT 1
) record
"""

_TAIL = """
SELECT place.number, record."offset", record.key, record.value, record.headers, record.appended_at
FROM unnest(%s::int[], %s::int[], %s::bigint[]) WITH ORDINALITY AS place (topic_id, partition, "offset", number)
CROSS JOIN LATERAL (
    SELECT * FROM log_record record
    WHERE record.topic_id = place.topic_id AND record.partition = place.partition
        AND record."offset" >= place."offset"
    ORDER BY record."offset" DESC LIMIT %s
) record
ORDER BY place.number, record."offset"
"""


_LONGER = 16  # times as far back with each look for the first record of a time


class Extent(NamedTuple):
    """A partition with its topic's id and what it holds."""

    partition: TopicPartition
    topic_id: int
    bounds: Bounds


def extents(connection: Connection, partitions: Sequence[TopicPartition]) -> list[Extent]:
    """What each partition holds. Raises UnknownTopic."""
    if not partitions:
        return []
    today = day_of(datetime.now(UTC))
    found = _look(connection, list(enumerate(partitions, 1)), since=today)
    open_places = [
        (number, partitions[number - 1]) for number, (_, is_settled) in found.items() if not is_settled
    ]
    if open_places:
        found |= _look(connection, open_places, since=0)
    _refuse_missing(partitions, found)
    return [found[number][0] for number in sorted(found)]


def _refuse_missing(partitions: Sequence[TopicPartition], found: Collection[int]) -> None:
    if missing := [p for number, p in enumerate(partitions, 1) if number not in found]:
        raise UnknownTopic(f"these partitions do not exist: {missing}")


def _look(
    connection: Connection, places: Sequence[tuple[int, TopicPartition]], *, since: int
) -> dict[int, tuple[Extent, bool]]:
    """By number, what each place holds by its records of this day and later, and whether that settles it.

    Days never fall within a partition, so that a record of a day that was looked at is the highest of all; but those
    that were kept longer once have no day (see streaming.postgres.appending).
    """
    numbers, partitions = zip(*places, strict=True)
    rows = connection.execute(
        _BOUNDS.format(day=since, kept=KEPT),
        [[p.topic for p in partitions], [p.partition for p in partitions]],
    )
    return {
        numbers[row - 1]: (Extent(partitions[row - 1], topic_id, Bounds(start, end)), is_settled)
        for row, topic_id, start, end, is_settled in rows
    }


def offsets_at(
    connection: Connection, partitions: Sequence[TopicPartition], at: datetime
) -> Mapping[TopicPartition, int]:
    """The first offset appended at or after `at`, by a search of all partitions at once.

    It goes back from the end in ever longer steps until it finds an older record, and then by halves: most often the
    last minute is asked for, and where nothing came since, that is one look.
    """
    places = extents(connection, partitions)
    low = [place.bounds.start for place in places]
    high = [place.bounds.end for place in places]
    steps = [1] * len(places)  # 0 once there was an older record
    while searching := [index for index in range(len(places)) if low[index] < high[index]]:
        middle = [
            max(low[index], high[index] - steps[index]) if steps[index] else (low[index] + high[index]) // 2
            for index in searching
        ]
        found = connection.execute(
            _FIRST_AT,
            [
                [places[index].topic_id for index in searching],
                [places[index].partition.partition for index in searching],
                middle,
            ],
        )
        # Records may be missing at and after the middle: the next one there is decides.
        after = {searching[number - 1]: (offset, appended_at) for number, offset, appended_at in found}
        for index, offset in zip(searching, middle, strict=True):
            if index in after and after[index][1] < at:
                low[index], steps[index] = after[index][0] + 1, 0
            else:
                high[index], steps[index] = offset, steps[index] * _LONGER
    return {place.partition: low[index] for index, place in enumerate(places)}


def tail(connection: Connection, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
    """The last records of each partition, oldest first. Two statements, however many partitions there are."""
    places = extents(connection, partitions)
    parameters = [
        [place.topic_id for place in places],
        [place.partition.partition for place in places],
        [place.bounds.start for place in places],
        count,
    ]
    rows = connection.execute(_TAIL, parameters, binary=True)
    records = []
    for number, offset, key, value, headers, appended_at in rows:
        topic, partition = places[number - 1].partition
        records.append(Record(topic, partition, offset, key, value, decode_headers(headers), appended_at))
    return records
