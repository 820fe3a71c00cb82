"""One reconciliation, from the snapshot to what is kept of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from cdp_site.reconciliation import results
from cdp_site.reconciliation.accepted import EVENTS_PREFIX, Rows, event_within, rows_of, spooled
from cdp_site.reconciliation.downstream import compare_consumers
from cdp_site.reconciliation.extents import READ_AT_ONCE, Extent, LogReading, by_topic
from cdp_site.reconciliation.holding import Identities, held_since, identities, must_be_held
from cdp_site.reconciliation.judging import BUILDER, judge
from cdp_site.reconciliation.results import MinuteCount
from cdp_site.reconciliation.staging import Staging
from compliance.identifiers import normalise
from compliance.suppression import snapshot_within
from profiles.builder.arrival import Reader
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleReader
from profiles.undoing.marks import all_undone
from streaming.contracts.events import QUARANTINE_TOPIC
from streaming.contracts.log import EventLog
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.runtime.discovery import retry_topic

SLACK = timedelta(days=1)
"""How much sooner than by rule remembering counts as over: weeks may be dropped while this runs."""

_OLDEST_WEEK = "SELECT min(starts_on) FROM message_seen_week"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is compared, and since when: all that was applied for `remembered` is known. `clock` tells the time."""

    log: EventLog
    spool: Path
    spool_window: timedelta
    remembered: timedelta
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept beside the rows. `since`: from when on all was judged; `topics`: see the model."""

    since: datetime
    findings: int
    topics: Identities
    downstream: list[dict[str, Any]]
    minutes: list[MinuteCount]


Progress = Callable[[int, int], None]


class Reconciling:
    """Compares all that the log and this host's spool hold with what became of it. Use it once.

    `progress` is told how many records were read, of how many, and may raise to end it. Raises LogError and
    psycopg.Error when the log or the database is away.
    """

    def __init__(self, surroundings: Surroundings, known: Identities, progress: Progress) -> None:
        self._around, self._known, self._progress = surroundings, known, progress
        self._staging = Staging()
        self._read = 0

    def run(self, run_id: int, *, with_minutes: bool = False) -> Outcome:
        """Do it, and keep what was found as rows of this reconciliation."""
        try:
            return self._run(run_id, with_minutes=with_minutes)
        finally:
            self._staging.close()

    def _run(self, run_id: int, *, with_minutes: bool) -> Outcome:
        log, since = self._around.log, self._remembered_since()
        received_from = since - self._around.spool_window
        published_before = LogReading(log, [EVENTS_TOPIC], since).bounds
        self._staging.take_snapshot(received_from)
        extents = self._read_all(since, published_before)
        topics = identities(log, list(extents), self._known, self._around.clock())
        held = held_since(log, extents, topics, self._around.clock())
        published = held.pop(EVENTS_TOPIC, None)
        held.pop(retry_topic(BUILDER), None)
        held.pop(QUARANTINE_TOPIC, None)
        self._staging.add_must_be_held(must_be_held(self._staging.connection, held))
        downstream = compare_consumers(self._staging.connection, log)
        published_since = published.since if published else None
        judge(self._staging, received_from=received_from, since=since, published_since=published_since)
        found = results.keep(self._staging.connection, run_id)
        counts = list(results.minutes(self._staging.connection)) if with_minutes else []
        results.forget_old(self._staging.connection)
        return Outcome(since, found, topics, downstream, counts)

    def _read_all(
        self, since: datetime, published_before: Mapping[TopicPartition, Bounds]
    ) -> dict[str, list[Extent]]:
        """The spool first: what the relay moves meanwhile is then counted twice, and not lost from sight."""
        rows, log = self._rows(), self._around.log
        for spool_rows in spooled(self._around.spool, rows):
            self._staging.add("accepted", spool_rows)
        events = [name for name in log.topics() if name.startswith(EVENTS_PREFIX)]
        accepted = LogReading(log, [*events, retry_topic(BUILDER), QUARANTINE_TOPIC], since)
        published = LogReading(log, [EVENTS_TOPIC], since)
        total = accepted.total + published.total
        for records in accepted.records():
            self._stage("accepted", rows, records, total)
        self._stage_unsent(rows)
        for records in published.records():
            self._stage("published", rows, [_event_of(r, published_before) for r in records], total)
        return by_topic({**accepted.extents(), **published.extents()})

    def _remembered_since(self) -> datetime:
        row = self._staging.connection.execute(_OLDEST_WEEK).fetchone()
        now = self._around.clock()
        by_rule = now - self._around.remembered + SLACK
        oldest = datetime.combine(row[0], time(), UTC) if row and row[0] else now
        return max(by_rule, oldest)

    def _rows(self) -> Rows:
        with self._staging.connection.transaction():
            book = RuleReader().read(self._staging.connection)
            suppressions = snapshot_within(self._staging.connection)
            undone = all_undone(self._staging.connection)
        return rows_of(Reader(book, Extractor(book.namespaces, normalise)), suppressions, undone)

    def _stage(self, table: str, rows: Rows, records: Sequence[Record], total: int) -> None:
        self._staging.add(table, rows(records))
        self._read += len(records)
        self._progress(self._read, max(total, self._read))

    def _stage_unsent(self, rows: Rows) -> None:
        now = self._around.clock()
        for values in self._staging.unsent(READ_AT_ONCE):
            records = [Record(EVENTS_TOPIC, -1, -1, None, value, (), now) for value in values]
            self._staging.add("published", rows([event_within(record) for record in records]))


def _event_of(record: Record, before: Mapping[TopicPartition, Bounds]) -> Record:
    """The event that was published; without its place when that was after the snapshot, which may lack it."""
    bounds = before.get(record.topic_partition)
    event = event_within(record)
    return event if bounds and record.offset < bounds.end else event._replace(offset=-1)
