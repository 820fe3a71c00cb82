"""Appending inside an open transaction: lock the partitions, then number the records, then COPY them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import psycopg

from streaming.contracts.log import LogError, RecordTooLarge, UnknownTopic
from streaming.contracts.partitioning import MAX_RECORD_BYTES, partition_of, size_of
from streaming.contracts.records import NewRecord
from streaming.postgres.days import KEPT, DayTables, day_of, table_of
from streaming.postgres.locks import lock_keys, lock_partitions
from streaming.postgres.rows import COLUMNS, SIGNATURE, TRAILER, copy_rows, encode_headers, row_start
from streaming.postgres.topics import TopicCatalogue

Place = tuple[int, int]  # topic id, partition
Groups = Mapping[Place, Sequence[NewRecord]]

_NEXT_OFFSETS = """
SELECT place.topic_id, place.partition, topic.cleanup = 'compact' OR topic.retention_seconds IS NULL,
    highest."offset", highest.day, coalesce(floor.highest_deleted, -1),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, current_setting('transaction_isolation')
FROM unnest(%s::int[], %s::int[]) AS place (topic_id, partition)
JOIN log_topic topic ON topic.id = place.topic_id AND place.partition < topic.partitions
LEFT JOIN log_floor floor ON floor.topic_id = place.topic_id AND floor.partition = place.partition
LEFT JOIN LATERAL (
    SELECT record."offset", record.day FROM log_record record
    WHERE record.topic_id = place.topic_id AND record.partition = place.partition AND record.day >= {day}
    ORDER BY record."offset" DESC LIMIT 1
) highest ON true
"""


_APPEND = """
SELECT log_append(%b::bigint[], %b::int[], %b::int[], %b::int[], %b::int[], %b::bytea[], %b::bytea[], %b::bytea[])
"""


class TopicsGone(LogError):
    """Topics were deleted, or have fewer partitions, since this process looked."""

    def __init__(self, places: Collection[Place]) -> None:
        super().__init__(f"these topics and partitions do not exist (any more): {sorted(places)}")


class _Next(NamedTuple):
    """What the next record of a partition gets."""

    offset: int
    day: int
    appended_at: int


def group_by_place(records: Iterable[NewRecord], topics: TopicCatalogue) -> dict[Place, list[NewRecord]]:
    """The records by topic and partition. Raises UnknownTopic and RecordTooLarge."""
    groups: dict[Place, list[NewRecord]] = defaultdict(list)
    for name, run in groupby(records, attrgetter("topic")):
        topic = topics.get(name)
        for record in run:
            partition = partition_of(record, topic.partitions)
            if not 0 <= partition < topic.partitions:
                raise UnknownTopic(f"the topic {name!r} has no partition {partition}")
            if len(record.value or b"") + len(record.key or b"") > MAX_RECORD_BYTES or record.headers:
                check_size(record)
            groups[topic.id, partition].append(record)
    return groups


def check_size(record: NewRecord) -> None:
    """Raise RecordTooLarge when the log will never take the record."""
    if (size := size_of(record)) > MAX_RECORD_BYTES:
        raise RecordTooLarge(
            f"a record for {record.topic!r} has {size} bytes; the log takes up to {MAX_RECORD_BYTES}"
        )


def append_groups(
    connection: psycopg.Connection[Any], groups: Groups, days: DayTables, *, prepare: bool
) -> None:
    """Append in the open transaction, which must be READ COMMITTED. Raises TopicsGone before it wrote."""
    places = sorted(groups)
    with connection.cursor() as cursor:
        lock_partitions(cursor, places)
        # A statement of its own: its snapshot must be younger than the locks.
        following = _next_of(cursor, places, prepare=prepare)
        rows: dict[int, list[bytes]] = defaultdict(list)
        for place, (offset, day, appended_at) in following.items():
            rows[day] += copy_rows(row_start(*place, day, appended_at), offset, groups[place])
        for day, pieces in rows.items():
            days.ensure(day)
            with cursor.copy(f"COPY {table_of(day)} ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
                copy.write(b"".join([SIGNATURE, *pieces, TRAILER]))


def append_at_once(connection: psycopg.Connection[Any], groups: Groups, days: DayTables) -> None:
    """Append few records in one statement that commits by itself (docs/adr/0067). Raises TopicsGone, and wrote nothing."""
    places = sorted(groups)
    rows = [
        (place, number, record)
        for place, at in enumerate(places, 1)
        for number, record in enumerate(groups[at])
    ]
    topic_ids, partitions = zip(*places, strict=True)
    parameters = [
        lock_keys(places), list(topic_ids), list(partitions),
        [place for place, _, _ in rows], [number for _, number, _ in rows],
        [record.key for _, _, record in rows], [record.value for _, _, record in rows],
        [encode_headers(record.headers) if record.headers else None for _, _, record in rows],
    ]  # fmt: skip
    days.ensure(day_of(datetime.now(UTC)))
    try:
        connection.execute(_APPEND, parameters, prepare=True)
    except psycopg.errors.NoDataFound:
        raise TopicsGone(places) from None


def _next_of(cursor: psycopg.Cursor[Any], places: Collection[Place], *, prepare: bool) -> dict[Place, _Next]:
    """The next offset of each partition, found among today's records or, if it has none, among all."""
    following, open_places, today = _look(cursor, places, day_of(datetime.now(UTC)), prepare=prepare)
    if open_places:
        following |= _look(cursor, open_places, 0, prepare=prepare)[0]
    return {place: next_._replace(day=max(next_.day, today)) for place, next_ in following.items()}


def _look(
    cursor: psycopg.Cursor[Any], places: Collection[Place], since: int, *, prepare: bool
) -> tuple[dict[Place, _Next], list[Place], int]:
    """What follows the highest record of `since` or later; the places for which that settles nothing; today.

    Days never fall within a partition, so that a record of a day that was looked at is the highest of all.
    """
    topic_ids, partitions = zip(*places, strict=True)
    cursor.execute(_NEXT_OFFSETS.format(day=since), [list(topic_ids), list(partitions)], prepare=prepare)
    settled: dict[Place, _Next] = {}
    unsettled, now, isolation = [], 0, "read committed"
    for topic_id, partition, kept, offset, day, highest_deleted, now, isolation in cursor:  # noqa: B007
        highest = highest_deleted if offset is None else max(offset, highest_deleted)
        dated = day is not None and day != KEPT
        settled[topic_id, partition] = _Next(highest + 1, KEPT if kept else day if dated else 0, now)
        if since and not kept and not dated:
            unsettled.append((topic_id, partition))
    if missing := set(places) - settled.keys():
        raise TopicsGone(missing)
    if isolation != "read committed":
        raise LogError(f"the log appends under READ COMMITTED only, and this transaction is {isolation}")
    return settled, unsettled, day_of(datetime.fromtimestamp(now / 1e6, UTC))
