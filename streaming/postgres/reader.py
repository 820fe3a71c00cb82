"""Reading many partitions with one query, ahead of what the caller asked for."""

import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from psycopg import Notify

from streaming.contracts.log import LogError, LogUnavailable, OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.postgres.announcer import CHANNEL, parse_payload
from streaming.postgres.days import KEPT
from streaming.postgres.rows import decode_headers
from streaming.postgres.sessions import Connection, takes_no_writes, translated

FALLBACK_SECONDS = 1.0  # how long news may go unnoticed when a wake-up is lost
READ_AHEAD_RECORDS = 2000
READ_AHEAD_BYTES = 16 * 1024 * 1024
_ASSUMED_RECORD_BYTES = 32 * 1024  # of a partition not read yet: as large as events may be

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


class _Place:
    """A partition being read: what was fetched of it and not yet returned, and where to go on."""

    __slots__ = (
        "average",
        "buffer",
        "day",
        "fetch_at",
        "partition",
        "paused",
        "position",
        "ready",
        "topic_id",
    )

    def __init__(self, partition: TopicPartition, position: int) -> None:
        self.partition = partition
        self.position = position
        self.fetch_at = position
        self.buffer: deque[Record] = deque()
        self.topic_id: int | None = None
        self.day = 0
        self.ready = True
        self.paused = False
        self.average = _ASSUMED_RECORD_BYTES

    def take(self, most: int) -> list[Record]:
        records = list(islice(self.buffer, most))
        for _ in records:
            self.buffer.popleft()
        self.settle()
        return records

    def settle(self) -> None:
        """Move the position behind what was returned, and behind the gaps that follow it."""
        self.position = self.buffer[0].offset if self.buffer else self.fetch_at


class PostgresReader:
    """See streaming.contracts.log.Reader."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._places: dict[TopicPartition, _Place] = {}
        self._by_id: dict[tuple[int, int], _Place] = {}
        self._looked_at = 0.0

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        former = self._places
        self._places = {}
        for partition, position in positions.items():
            known = former.get(partition)
            unchanged = known is not None and known.position == position
            self._places[partition] = known if known and unchanged else _Place(partition, position)
            self._places[partition].paused = False
        self._by_id = {
            (place.topic_id, place.partition.partition): place
            for place in self._places.values()
            if place.topic_id is not None
        }

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        for partition in partitions:
            self._places[partition].paused = True

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        for partition in partitions:
            self._places[partition].paused = False

    def positions(self) -> Mapping[TopicPartition, int]:
        """See the contract."""
        return {partition: place.position for partition, place in self._places.items()}

    def close(self) -> None:
        """See the contract."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        """See the contract."""
        deadline = time.monotonic() + timeout
        while True:
            self._fetch_due(max_records)
            records = self._take(max_records)
            remaining = deadline - time.monotonic()
            if records or remaining <= 0:
                return records
            self._wait(remaining)

    def _take(self, most: int) -> list[Record]:
        """Records of the buffers, beginning with another partition each time."""
        records: list[Record] = []
        for partition, place in list(self._places.items()):
            if place.buffer and not place.paused:
                records += place.take(most - len(records))
                self._places[partition] = self._places.pop(partition)
                if len(records) >= most:
                    break
        return records

    def _fetch_due(self, max_records: int) -> None:
        buffered = sum(len(place.buffer) for place in self._places.values() if not place.paused)
        if buffered >= max_records or not self._places:
            return
        now = time.monotonic()
        if now - self._looked_at >= FALLBACK_SECONDS:
            self._looked_at = now
            self._all_ready()
            self._leave_former_primary()
        due = [
            place for place in self._places.values() if place.ready and not place.paused and not place.buffer
        ]
        if not due:
            return
        try:
            with translated():
                connection = self._connected()
                self._locate(connection, [place for place in due if place.topic_id is None])
                self._fetch(connection, due, max(max_records, READ_AHEAD_RECORDS))
        except LogUnavailable:
            self.close()
            raise

    def _leave_former_primary(self) -> None:
        """A server that takes no writes any more has no news: of several another one has them."""
        if self._connection is None or self._connection.closed:
            return
        try:
            with translated():
                if takes_no_writes(self._connection):
                    self.close()
        except LogUnavailable:
            self.close()
            raise

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._connection.add_notify_handler(self._on_notify)
            self._connection.execute(f"LISTEN {CHANNEL}")
            self._all_ready()  # what was announced meanwhile went unheard
        return self._connection

    def _on_notify(self, notify: Notify) -> None:
        news = parse_payload(notify.payload)
        if news is None:
            self._all_ready()
            return
        for key in news:
            if place := self._by_id.get(key):
                place.ready = True

    def _all_ready(self) -> None:
        for place in self._places.values():
            place.ready = True

    def _locate(self, connection: Connection, places: list[_Place]) -> None:
        """Find the topics of newly assigned partitions, and check that their positions lie in the log."""
        if not places:
            return
        columns = zip(*((*place.partition, place.fetch_at) for place in places), strict=True)
        found = connection.execute(_LOCATE, [list(column) for column in columns], binary=True)
        for number, topic_id, start, end, day in found:
            place = places[number - 1]
            if not start <= place.fetch_at <= end:
                raise OffsetOutOfRange(place.partition, place.fetch_at, Bounds(start, end))
            place.topic_id, place.day = topic_id, day
            self._by_id[topic_id, place.partition.partition] = place
        if missing := [place.partition for place in places if place.topic_id is None]:
            raise UnknownTopic(f"these partitions do not exist: {missing}")

    def _fetch(self, connection: Connection, due: list[_Place], most: int) -> None:
        limits = []
        for place in due:
            place.ready = False  # before the query: news that arrive while it runs make it ready again
            fair = min(most, READ_AHEAD_BYTES // place.average) // len(due)
            limits.append(max(fair, 1))
        query = _FETCH.format(day=min(place.day for place in due))
        parameters = [
            [place.topic_id for place in due],
            [place.partition.partition for place in due],
            [place.fetch_at for place in due],
            limits,
        ]
        try:
            rows = connection.execute(query, parameters, prepare=True, binary=True).fetchall()
        except BaseException:
            for place in due:
                place.ready = True
            raise
        self._receive(due, limits, rows)

    def _receive(self, due: list[_Place], limits: list[int], rows: list[tuple[Any, ...]]) -> None:
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
        errors: list[LogError] = []
        for index, place in enumerate(due):
            if index not in floors:
                errors.append(UnknownTopic(f"the topic {place.partition.topic!r} was deleted"))
            elif (start := floors[index][0]) > place.fetch_at:
                bounds = Bounds(start, max(start, floors[index][1] + 1))
                errors.append(OffsetOutOfRange(place.partition, place.fetch_at, bounds))
            else:
                self._advance(place, limits[index], floors[index][1])
                continue
            place.ready = True
        if errors:
            raise errors[0]

    def _advance(self, place: _Place, limit: int, highest_deleted: int) -> None:
        if place.buffer:
            place.fetch_at = place.buffer[-1].offset + 1
            place.average = 1 + sum(len(record.value or b"") for record in place.buffer) // len(place.buffer)
        if len(place.buffer) >= limit:
            place.ready = True
        else:
            place.fetch_at = max(place.fetch_at, highest_deleted + 1)
        place.settle()

    def _wait(self, seconds: float) -> None:
        """Sleep until there is news, the fallback is due or the time is over."""
        if any(place.ready and not place.paused for place in self._places.values()):
            return
        fallback = self._looked_at + FALLBACK_SECONDS - time.monotonic()
        seconds = max(0.0, min(seconds, fallback)) if self._places else seconds
        if self._connection is None or self._connection.closed:
            time.sleep(seconds)
            return
        connection = self._connection.pgconn
        readable = select.poll()
        readable.register(connection.socket, select.POLLIN)
        if readable.poll(seconds * 1000):
            with translated():
                connection.consume_input()
            while notify := connection.notifies():
                self._on_notify(Notify(notify.relname.decode(), notify.extra.decode(), notify.be_pid))
