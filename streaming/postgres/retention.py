"""Deleting what may go: by time, by size, by compaction. Every deletion first raises the durable floor."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from streaming.contracts.records import Cleanup, TopicPartition
from streaming.postgres.days import KEPT, DayTables, day_of, end_of, existing_days, table_of
from streaming.postgres.inspection import Extent, extents, offsets_at
from streaming.postgres.locks import lock_partitions
from streaming.postgres.sessions import Connection
from streaming.postgres.topics import Topic

TOMBSTONES_KEPT = timedelta(days=1)
_CHUNK = 10_000
_ONE_DAY_SECONDS = 86_400

_RAISE_FLOOR = """
INSERT INTO log_floor AS floor (topic_id, partition, highest_deleted, log_start)
VALUES (%(topic_id)s, %(partition)s, %(start)s - 1, %(start)s)
ON CONFLICT (topic_id, partition) DO UPDATE SET
    highest_deleted = greatest(floor.highest_deleted, excluded.highest_deleted),
    log_start = greatest(floor.log_start, excluded.log_start)
"""

_DELETE_CHUNK = """
DELETE FROM {table} WHERE topic_id = %(topic_id)s AND partition = %(partition)s AND "offset" < least(%(start)s, (
    SELECT "offset" FROM {table} WHERE topic_id = %(topic_id)s AND partition = %(partition)s
    ORDER BY "offset" LIMIT 1
) + %(chunk)s)
"""

_START_BY_SIZE = """
SELECT coalesce(max("offset") + 1, 0) FROM (
    SELECT "offset", sum(octet_length(value) + coalesce(octet_length(key), 0) + coalesce(octet_length(headers), 0))
        OVER (ORDER BY "offset" DESC) AS bytes
    FROM log_record WHERE topic_id = %(topic_id)s AND partition = %(partition)s AND "offset" >= %(start)s
) record WHERE bytes > %(most)s
"""

_COMPACT = """
WITH superseded AS (
    SELECT "offset" FROM (
        SELECT "offset", value IS NULL AND appended_at < %(tombstones_before)s AS expired,
            row_number() OVER (PARTITION BY key ORDER BY "offset" DESC) AS age
        FROM log_record WHERE topic_id = %(topic_id)s AND partition = %(partition)s AND key IS NOT NULL
    ) record WHERE age > 1 OR expired
), floor AS (
    INSERT INTO log_floor AS floor (topic_id, partition, highest_deleted)
    SELECT %(topic_id)s, %(partition)s, max("offset") FROM superseded HAVING count(*) > 0
    ON CONFLICT (topic_id, partition)
    DO UPDATE SET highest_deleted = greatest(floor.highest_deleted, excluded.highest_deleted)
)
DELETE FROM log_record USING superseded WHERE log_record.topic_id = %(topic_id)s
    AND log_record.partition = %(partition)s AND log_record."offset" = superseded."offset"
"""

_RAISE_FLOORS_ABOVE_DAY = """
INSERT INTO log_floor AS floor (topic_id, partition, highest_deleted, log_start)
SELECT topic.id, number, highest."offset", highest."offset" + 1
FROM log_topic topic CROSS JOIN generate_series(0, topic.partitions - 1) number
CROSS JOIN LATERAL (
    SELECT record."offset" FROM {table} record
    WHERE record.topic_id = topic.id AND record.partition = number ORDER BY record."offset" DESC LIMIT 1
) highest
ON CONFLICT (topic_id, partition) DO UPDATE SET
    highest_deleted = greatest(floor.highest_deleted, excluded.highest_deleted),
    log_start = greatest(floor.log_start, excluded.log_start)
"""

_LONGEST_RETENTION = """
SELECT coalesce(max(retention_seconds), 0) FROM log_topic WHERE cleanup = 'delete'
"""


def apply_retention(
    connection: Connection, topics: Mapping[str, Topic], days: DayTables, now: datetime
) -> None:
    """Let go of what the topics' settings let go at `now`, and have the next days' tables."""
    days.ensure(day_of(now))
    for topic in topics.values():
        places = extents(
            connection, [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        )
        if topic.cleanup == Cleanup.COMPACT:
            for place in places:
                _compact(connection, place, now)
        else:
            _expire(connection, topic, places, now)
    for day in existing_days(connection):
        _drop_expired_day(connection, day, now)


def delete_before(connection: Connection, positions: Mapping[TopicPartition, int]) -> None:
    """Delete what stands before these offsets."""
    for place in extents(connection, list(positions)):
        start = min(positions[place.partition], place.bounds.end)
        if start > place.bounds.start:
            _move_start(connection, place, start)
            _delete_rows_before(connection, place, start)


def _expire(connection: Connection, topic: Topic, places: list[Extent], now: datetime) -> None:
    by_time: Mapping[TopicPartition, int] = {}
    longest = _longest_retention(connection)
    if topic.retention_seconds is not None:
        cutoff = now - timedelta(seconds=topic.retention_seconds)
        by_time = offsets_at(connection, [place.partition for place in places], cutoff)
    # Rows that go with their day's table within a day need no deletion of their own. Those that were moved out
    # of it, while the topic was to be kept for ever, go with none.
    goes_with_its_day = topic.retention_seconds is not None and (
        longest - topic.retention_seconds < _ONE_DAY_SECONDS
    )
    for place in places:
        first = by_time.get(place.partition, 0)
        by_size = _start_by_size(connection, topic, place)
        if max(first, by_size) > place.bounds.start:
            _move_start(connection, place, max(first, by_size))
        by_row = by_size > place.bounds.start or not goes_with_its_day
        table = "log_record" if by_row else table_of(KEPT)
        _delete_rows_before(connection, place, max(first, by_size, place.bounds.start), table)


def _longest_retention(connection: Connection) -> int:
    row = connection.execute(_LONGEST_RETENTION).fetchone()
    return int(row[0]) if row else 0


def _start_by_size(connection: Connection, topic: Topic, place: Extent) -> int:
    if topic.retention_bytes is None:
        return 0
    parameters = _parameters(place) | {"start": place.bounds.start, "most": topic.retention_bytes}
    row = connection.execute(_START_BY_SIZE, parameters).fetchone()
    return int(row[0]) if row else 0


def _parameters(place: Extent) -> dict[str, object]:
    return {"topic_id": place.topic_id, "partition": place.partition.partition}


def _move_start(connection: Connection, place: Extent, start: int) -> None:
    with connection.transaction():
        lock_partitions(connection.cursor(), [(place.topic_id, place.partition.partition)])
        connection.execute(_RAISE_FLOOR, _parameters(place) | {"start": start})


def _delete_rows_before(connection: Connection, place: Extent, start: int, table: str = "log_record") -> None:
    """Delete rows below the log's start, in transactions so short that appends hardly wait."""
    deleted = 1
    while deleted:
        with connection.transaction():
            lock_partitions(connection.cursor(), [(place.topic_id, place.partition.partition)])
            deleted = connection.execute(
                _DELETE_CHUNK.format(table=table), _parameters(place) | {"start": start, "chunk": _CHUNK}
            ).rowcount


def _compact(connection: Connection, place: Extent, now: datetime) -> None:
    """Keep the newest record of each key; let tombstones go once every reader had time to see them."""
    with connection.transaction():
        lock_partitions(connection.cursor(), [(place.topic_id, place.partition.partition)])
        connection.execute(_COMPACT, _parameters(place) | {"tombstones_before": now - TOMBSTONES_KEPT})


def _drop_expired_day(connection: Connection, day: int, now: datetime) -> None:
    """Drop the day's table once every topic lets all of it go. Appends wait while it is taken out."""
    if day >= day_of(now) or end_of(day) + timedelta(seconds=_longest_retention(connection)) > now:
        return
    table = table_of(day)
    with connection.transaction():
        lock_partitions(
            connection.cursor(),
            connection.execute("SELECT id, generate_series(0, partitions - 1) FROM log_topic").fetchall(),
        )
        # Nobody can change a topic now: what it says from here on holds.
        if end_of(day) + timedelta(seconds=_longest_retention(connection)) > now:
            return
        connection.execute(_RAISE_FLOORS_ABOVE_DAY.format(table=table))
        # Its files go after the commit has let go of the locks: this is quick however much it holds.
        connection.execute(f"DROP TABLE {table}")
