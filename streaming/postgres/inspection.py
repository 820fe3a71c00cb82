"""What the partitions hold: bounds, offsets by time, the last records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.postgres.rows import decode_headers
from streaming.postgres.sessions import Connection

_BOUNDS = """
SELECT place.number, topic.id, coalesce(floor.log_start, 0),
    greatest(coalesce(highest."offset", -1), coalesce(floor.highest_deleted, -1)) + 1
FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS place (topic, partition, number)
JOIN log_topic topic ON topic.name = place.topic AND place.partition < topic.partitions
LEFT JOIN log_floor floor ON floor.topic_id = topic.id AND floor.partition = place.partition
LEFT JOIN LATERAL (
    SELECT record."offset" FROM log_record record
    WHERE record.topic_id = topic.id AND record.partition = place.partition
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
SELECT record."offset", record.key, record.value, record.headers, record.appended_at
FROM log_record record
WHERE record.topic_id = %s AND record.partition = %s AND record."offset" >= %s
ORDER BY record."offset" DESC LIMIT %s
"""


class Extent(NamedTuple):
    """A partition with its topic's id and what it holds."""

    partition: TopicPartition
    topic_id: int
    bounds: Bounds


def extents(connection: Connection, partitions: Sequence[TopicPartition]) -> list[Extent]:
    """What each partition holds. Raises UnknownTopic."""
    topics, numbers = [p.topic for p in partitions], [p.partition for p in partitions]
    found = {
        number: Extent(partitions[number - 1], topic_id, Bounds(start, end))
        for number, topic_id, start, end in connection.execute(_BOUNDS, [topics, numbers])
    }
    if missing := [p for number, p in enumerate(partitions, 1) if number not in found]:
        raise UnknownTopic(f"these partitions do not exist: {missing}")
    return list(found.values())


def offsets_at(
    connection: Connection, partitions: Sequence[TopicPartition], at: datetime
) -> Mapping[TopicPartition, int]:
    """The first offset appended at or after `at`, by a binary search of all partitions at once."""
    places = extents(connection, partitions)
    low = [place.bounds.start for place in places]
    high = [place.bounds.end for place in places]
    while searching := [index for index in range(len(places)) if low[index] < high[index]]:
        middle = [(low[index] + high[index]) // 2 for index in searching]
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
                low[index] = after[index][0] + 1
            else:
                high[index] = offset
    return {place.partition: low[index] for index, place in enumerate(places)}


def tail(connection: Connection, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
    """The last records of each partition, oldest first."""
    records: list[Record] = []
    for (topic, partition), topic_id, bounds in extents(connection, partitions):
        rows = connection.execute(_TAIL, [topic_id, partition, bounds.start, count], binary=True).fetchall()
        records += (
            Record(topic, partition, offset, key, value, decode_headers(headers), appended_at)
            for offset, key, value, headers, appended_at in reversed(rows)
        )
    return records
