"""The consumer that builds profiles: one transaction per batch, in the lock order of docs/architecture.md."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from compliance.identifiers import normalise
from compliance.suppression import Suppressions, snapshot_within
from profiles.builder import blocked_hits, consents, reading, statistics, suppressed
from profiles.builder.applying import apply
from profiles.builder.arrival import Arrival, Reader
from profiles.builder.binary import microseconds
from profiles.builder.diagnosis import FROM_THE_FUTURE
from profiles.builder.event_names import EventNames
from profiles.builder.extraction import Extractor
from profiles.builder.months import MonthTables
from profiles.builder.permitting import permitted
from profiles.builder.reading import Reading
from profiles.builder.rules import RuleBook, RuleReader
from profiles.builder.screening import screen
from profiles.builder.statistics import Tally
from profiles.undoing.marks import undone
from streaming.contracts.events import EVENT_TOPICS
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC
from streaming.contracts.records import Record, TopicSpec
from streaming.runtime import message_seen
from streaming.runtime.consumer import Batch, Consumer, MessageRejected

Connection = psycopg.Connection[Any]


def _now() -> datetime:
    return datetime.now(UTC)


_MOST_AHEAD = timedelta(days=2)  # a clock that is a day wrong loses nothing


class ProfileBuilder(Consumer):
    """Resolves who events are of, stores their facts, renews people, and publishes both.

    `connect` opens a session of its own, for tables that have to be made; `clock` measures latency only.
    """

    name = "profiles"
    topics = (EVENT_TOPICS,)

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        partitions: int = 2,
        suppressions: Callable[[Connection], Suppressions] = snapshot_within,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.publishes = (TopicSpec(CHANGES_TOPIC, partitions), TopicSpec(EVENTS_TOPIC, partitions))
        self._months = MonthTables(connect)
        self._suppressions = suppressions
        self._clock = clock
        self._rules = RuleReader()
        self._names = EventNames()
        self._reader: Reader | None = None

    def prepare(self, records: Sequence[Record]) -> Reading | None:
        """Read the records by the rules known last; there are none before the first batch."""
        return None if self._reader is None else self._read(self._reader, records)

    def process(self, batch: Batch) -> None:
        """Apply what was not applied before. Raises MessageRejected when the batch should come again."""
        reader = self._reader_of(self._rules.read(batch.connection))
        found: Reading | None = batch.prepared
        if found is None or found.reader is not reader:
            found = self._read(reader, batch.records)
        for record, reason in found.unusable:
            batch.reject(record, reason)
        arrivals = _of_the_present(batch, _without_undone(batch.connection, found.arrivals))
        repeated = message_seen.remember(batch.connection, [arrival.key for arrival in arrivals])
        fresh = [arrival for place, arrival in enumerate(arrivals) if place not in repeated]
        admitted = screen(fresh, reader, self._suppressions(batch.connection) if fresh else Suppressions())
        admitted, heard = permitted(batch.connection, admitted, reader.book.namespaces)
        tally = self._apply(batch, reader.book, admitted) if admitted else Tally()
        consents.store(batch.connection, heard)
        if len(admitted) < len(fresh):
            suppressed.note(batch.connection, fresh, admitted, batch.now)
        blocked_hits.add(batch.connection, admitted, reader.book.namespaces, batch.now)
        tally = tally._replace(
            duplicates=len(repeated), suppressed=len(fresh) - len(admitted), rejected=len(batch.rejected)
        )
        # Rows of a file wait for each other, so they would say nothing of how fresh people are.
        live = [each.received for each in admitted if not each.import_id]
        statistics.add(batch.connection, tally, live, self._clock())

    def _apply(self, batch: Batch, book: RuleBook, arrivals: Sequence[Arrival]) -> Tally:
        try:
            records, tally = apply(batch.connection, book, arrivals, self._names, batch.now)
        except psycopg.errors.CheckViolation as error:
            # Retention has dropped the table of a month that was known to exist.
            self._months.forget()
            raise MessageRejected(
                f"the timeline has no table for a month of this batch: {error.diag.table_name}"
            ) from error
        batch.publish(records)
        return tally

    def _reader_of(self, book: RuleBook) -> Reader:
        if self._reader is None or self._reader.book is not book:
            self._reader = Reader(book, Extractor(book.namespaces, normalise))
        return self._reader

    def _read(self, reader: Reader, records: Sequence[Record]) -> Reading:
        found = reading.read(reader, records)
        self._months.ensure({arrival.order.time for arrival in found.arrivals})
        return found


def _without_undone(connection: Connection, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    """The arrivals without those of imports that were undone, of which nothing is taken or remembered."""
    gone = undone(connection, {arrival.import_id for arrival in arrivals})
    return [arrival for arrival in arrivals if arrival.import_id not in gone] if gone else arrivals


def _of_the_present(batch: Batch, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    """The arrivals without those that were received in the future, which are rejected."""
    latest = microseconds(batch.now + _MOST_AHEAD)
    if all(arrival.received <= latest for arrival in arrivals):
        return arrivals
    for arrival in arrivals:
        if arrival.received > latest:
            batch.reject(arrival.record, FROM_THE_FUTURE)
    return [arrival for arrival in arrivals if arrival.received <= latest]
