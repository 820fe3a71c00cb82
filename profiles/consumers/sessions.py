"""The consumer that makes visits of events: docs/guides/visits.md tells what belongs together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings

from profiles.combining.garbage import collect_seldom
from profiles.domain.visit_timeouts import visit_timeouts
from profiles.sessions.combining import combine
from profiles.sessions.reading import Reading, read
from profiles.sessions.tables import SessionTables
from profiles.undoing.marks import undone
from streaming.contracts.combined import SESSIONS_TOPIC
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Record, TopicSpec
from streaming.runtime.consumer import Batch, Consumer

Timeouts = Callable[[psycopg.Connection[Any]], Mapping[int, timedelta]]


class SessionsConsumer(Consumer):
    """Stores the visits of each anchor and source, and publishes how they begin, end and are corrected."""

    name = "sessions"
    topics = (EVENTS_TOPIC,)

    def __init__(self, *, partitions: int, timeouts: Timeouts = visit_timeouts) -> None:
        self.publishes = (TopicSpec(SESSIONS_TOPIC, partitions),)
        self._timeouts = timeouts

    def prepare(self, records: Sequence[Record]) -> Reading:
        """Read what the records say."""
        return read(records)

    def process(self, batch: Batch) -> None:
        """Add the events to the visits of their anchors."""
        found: Reading = batch.prepared
        if gone := undone(batch.connection, found.imports):
            found = read(batch.records, without=gone)
        for record, reason in found.unusable:
            batch.reject(record, reason)
        tables = SessionTables(batch.connection)
        batch.publish(combine(tables, found, self._timeouts(batch.connection), batch.now))


def sessions_consumer() -> SessionsConsumer:
    """The consumer of this installation, for a process that does little else."""
    collect_seldom()
    return SessionsConsumer(partitions=settings.EVENT_PARTITIONS)
