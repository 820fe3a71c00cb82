"""Reading many partitions in turn, and waiting for news of them."""

import time
from collections.abc import Callable, Iterable, Mapping

from psycopg import Notify

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import Record, TopicPartition
from streaming.postgres.announcer import parse_payload
from streaming.postgres.buffered import BufferedPartition
from streaming.postgres.fetching import READ_AHEAD_RECORDS, fetch, locate
from streaming.postgres.listening import listen, wait_for_news
from streaming.postgres.sessions import Connection, takes_no_writes, translated

FALLBACK_SECONDS = 1.0  # how long news may go unnoticed when a wake-up is lost


class PostgresReader:
    """See streaming.contracts.log.Reader."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._places: dict[TopicPartition, BufferedPartition] = {}
        self._by_id: dict[tuple[int, int], BufferedPartition] = {}
        self._looked_at = 0.0

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        former = self._places
        self._places = {}
        for partition, position in positions.items():
            known = former.get(partition)
            unchanged = known is not None and known.position == position
            self._places[partition] = known if known and unchanged else BufferedPartition(partition, position)
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
                for topic_id, place in locate(connection, [each for each in due if each.topic_id is None]):
                    self._by_id[topic_id, place.partition.partition] = place
                fetch(connection, due, max(max_records, READ_AHEAD_RECORDS))
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
            listen(self._connection, self._on_notify)
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

    def _wait(self, seconds: float) -> None:
        """Sleep until there is news, the fallback is due or the time is over."""
        if any(place.ready and not place.paused for place in self._places.values()):
            return
        fallback = self._looked_at + FALLBACK_SECONDS - time.monotonic()
        seconds = max(0.0, min(seconds, fallback)) if self._places else seconds
        if self._connection is None or self._connection.closed:
            time.sleep(seconds)
            return
        wait_for_news(self._connection, seconds, self._on_notify)
