"""Finding partitions in the log, and fetching from many of them with one query, ahead of what the caller asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from streaming.contracts.log import LogError, OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import Bounds, Record
from streaming.postgres.buffered import BufferedPartition
from streaming.postgres.days import KEPT
from streaming.postgres.rows import decode_headers
from streaming.postgres.sessions import Connection

READ_AHEAD_RECORDS = 2000
READ_AHEAD_BYTES = 16 * 1024 * 1024

_LOCATE = """
SELECT place.number, topic.id, coalesce(floor.log_start, 0),
    greatest(coalesce(highest."offset", -1), coalesce(floor.highest_deleted, -1)) + 1, coalesce(before.day, 0)
FROM unnest(%s::text[], %s::int[], %s::bigint[]) WITH ORDINALITY AS place (topic, partition, "offset", number)
JOIN log_topic topic ON topic.name = place.topic AND place.partition < topic.partitions
LEFT JOIN log_floor floor ON floor.topic_id = topic.id AND floor.partition = place.partition
LEFT JOIN LATERAL (
    SELECT record."offset" FROM log_record record
    WHERE record.topic_id = topic.id AND record.partition = place.partition
    ORDER BY record."offset" DESC LIMIT 1
) highest ON true
LEFT JOIN LATERAL (
    SELECT record.day FROM log_record record
    WHERE record.topic_id = topic.id AND record.partition = place.partition
        AND record."offset" < place."offset" AND record.day < 99999999
    ORDER BY record."offset" DESC LIMIT 1
) before ON true
"""

# The inner query is fenced off by OFFSET 0, so that nothing but a nested loop, which keeps each partition's
# order, can join the records.
_FETCH = """
SELECT place.number, place.log_start, place.highest_deleted,
    record."offset", record.day, record.appended_at, record.key, record.value, record.headers
FROM (
    SELECT place.*, coalesce(floor.log_start, 0) AS log_start, coalesce(floor.highest_deleted, -1) AS highest_deleted
    FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::int[])
        WITH ORDINALITY AS place (topic_id, partition, "offset", most, number)
    JOIN log_topic topic ON topic.id = place.topic_id
    LEFT JOIN log_floor floor ON floor.topic_id = place.topic_id AND floor.partition = place.partition
    OFFSET 0
) place
LEFT JOIN LATERAL (
    SELECT record.* FROM log_record record
    WHERE record.topic_id = place.topic_id AND record.partition = place.partition
        AND record."offset" >= place."offset" AND record.day >= {day}
    ORDER BY record."offset" LIMIT place.most
) record ON true
"""


def locate(
    connection: Connection, places: Sequence[BufferedPartition]
) -> Iterator[tuple[int, BufferedPartition]]:
    """Find the topics of newly assigned partitions, one after the other, each with its id.

    Raises OffsetOutOfRange when a position does not lie in the log, and UnknownTopic for those that are not found.
    """
    if not places:
        return
    columns = zip(*((*place.partition, place.fetch_at) for place in places), strict=True)
    found = connection.execute(_LOCATE, [list(column) for column in columns], binary=True)
    for number, topic_id, start, end, day in found:
        place = places[number - 1]
        if not start <= place.fetch_at <= end:
            raise OffsetOutOfRange(place.partition, place.fetch_at, Bounds(start, end))
        place.topic_id, place.day = topic_id, day
        yield topic_id, place
    if missing := [place.partition for place in places if place.topic_id is None]:
        raise UnknownTopic(f"these partitions do not exist: {missing}")


def fetch(connection: Connection, due: Sequence[BufferedPartition], most: int) -> None:
    """Fetch what follows in these partitions, about `most` records of all and READ_AHEAD_BYTES.

    Raises UnknownTopic when a topic was deleted, and OffsetOutOfRange when retention took what was to come; the others
    have their records then.
    """
    for place in due:
        place.ready = False  # before the query: news that arrive while it runs make it ready again
    limits = [max(min(most, READ_AHEAD_BYTES // place.average) // len(due), 1) for place in due]
    try:
        rows = _rows(connection, due, limits)
    except BaseException:
        for place in due:
            place.ready = True
        raise
    floors = _buffer(due, rows)
    ended = [_settle(place, limits[at], floors.get(at)) for at, place in enumerate(due)]
    if errors := [error for error in ended if error is not None]:
        raise errors[0]


def _rows(
    connection: Connection, due: Sequence[BufferedPartition], limits: Sequence[int]
) -> list[tuple[Any, ...]]:
    parameters = [
        [place.topic_id for place in due],
        [place.partition.partition for place in due],
        [place.fetch_at for place in due],
        limits,
    ]
    query = _FETCH.format(day=min(place.day for place in due))
    return connection.execute(query, parameters, prepare=True, binary=True).fetchall()


def _buffer(due: Sequence[BufferedPartition], rows: list[tuple[Any, ...]]) -> dict[int, tuple[int, int]]:
    """Keep what came; where each partition starts in the log, and what was deleted of it, by its place in `due`."""
    floors: dict[int, tuple[int, int]] = {}
    for number, start, highest_deleted, offset, day, appended_at, key, value, headers in rows:
        place = due[number - 1]
        floors[number - 1] = start, highest_deleted
        if offset is not None and start <= place.fetch_at:
            topic, partition = place.partition
            decoded = decode_headers(headers) if headers else ()
            place.buffer.append(Record(topic, partition, offset, key, value, decoded, appended_at))
            if day != KEPT:
                place.day = day  # days never fall within a partition: go on from this one
    return floors


def _settle(place: BufferedPartition, asked: int, floor: tuple[int, int] | None) -> LogError | None:
    """Have the partition go on behind what came, or say why it cannot."""
    if floor is not None and floor[0] <= place.fetch_at:
        place.went_on(asked=asked, highest_deleted=floor[1])
        return None
    place.ready = True
    if floor is None:
        return UnknownTopic(f"the topic {place.partition.topic!r} was deleted")
    start, highest_deleted = floor
    bounds = Bounds(start, max(start, highest_deleted + 1))
    return OffsetOutOfRange(place.partition, place.fetch_at, bounds)
