"""A batch of events put into the visits that are stored, and what is published of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg

from profiles.behaviour import storing
from profiles.behaviour.publishing import Announcement, conclusions
from profiles.behaviour.reading import Origin
from profiles.behaviour.storing import Row, Span
from profiles.behaviour.visits import Visit, join
from profiles.combining.version import next_version
from profiles.sessions.combining import DEFAULT_TIMEOUT
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]
_ONE = timedelta(microseconds=1)


@dataclass(slots=True)
class _Course:
    """The visits of one origin in a batch: new ones, those that are stored, and how they are after it."""

    origin: Origin
    timeout: int
    new: list[Visit]
    stored: list[Visit] = field(default_factory=list)
    after: list[Visit] = field(default_factory=list)

    def span(self) -> Span:
        """Where visits may stand that the new ones touch."""
        low = min(visit.first_at for visit in self.new) - self.timeout
        high = max(visit.last_at for visit in self.new) + self.timeout
        return Span(self.origin.anchor, self.origin.source_id, low, high)

    def changed(self) -> list[Visit]:
        """Those that are new or otherwise than they were."""
        known = {visit.id: visit for visit in self.stored}
        return [visit for visit in self.after if known.get(visit.id) != visit]

    def gone(self) -> list[Visit]:
        """Those that turned out not to be."""
        left = {visit.id for visit in self.after}
        return [visit for visit in self.stored if visit.id not in left]

    def withdrawn(self) -> list[Visit]:
        """Those that were published and have nothing to say any more."""
        left = {visit.id for visit in self.after if visit.is_shown}
        return [visit for visit in self.stored if visit.is_shown and visit.id not in left]


def combine(
    connection: Connection,
    visits: Mapping[Origin, list[Visit]],
    timeouts: Mapping[int, timedelta],
    now: datetime,
) -> list[NewRecord]:
    """Add these visits of single events within the open transaction; returns what is to be published.

    `timeouts` are those of sources that have their own.
    """
    anchors = storing.lock_anchors(connection, {origin.anchor for origin in visits}) if visits else set()
    courses = [
        _Course(origin, timeouts.get(origin.source_id, DEFAULT_TIMEOUT) // _ONE, new)
        for origin, new in sorted(visits.items())
        if origin.anchor in anchors
    ]
    _load(connection, courses)
    for course in courses:
        course.after = join([*course.stored, *course.new], course.timeout)
    changed = [(course, visit) for course in courses for visit in course.changed()]
    rows = [Row(visit, *conclusions(visit)) for _, visit in changed]
    storing.delete(connection, [(gone.anchor, gone.id) for course in courses for gone in course.gone()])
    storing.keep(connection, rows)
    return _records(connection, courses, rows, now)


def _load(connection: Connection, courses: Sequence[_Course]) -> None:
    spans = [course.span() for course in courses if not course.origin.key]
    keyed = [(course.origin.anchor, course.new[0].id) for course in courses if course.origin.key]
    known: dict[Origin, list[Visit]] = defaultdict(list)
    for visit in (*storing.in_reach(connection, spans), *storing.named(connection, keyed)):
        known[Origin(visit.anchor, visit.source_id, visit.key)].append(visit)
    for course in courses:
        course.stored = known[course.origin]


def _records(
    connection: Connection, courses: Sequence[_Course], rows: Sequence[Row], now: datetime
) -> list[NewRecord]:
    stated = [row for row in rows if row.features is not None]
    gone = [(course, visit) for course in courses for visit in course.withdrawn()]
    if not stated and not gone:
        return []
    announcement = Announcement(next_version(connection), time_text(now))
    return [
        *(announcement.withdrawal(visit, _instead(visit, course.after)) for course, visit in gone),
        *(announcement.of(row) for row in stated),
    ]


def _instead(gone: Visit, after: Sequence[Visit]) -> list[Visit]:
    """The visits that have the time of one that is gone."""
    return [
        visit
        for visit in after
        if visit.is_shown and visit.first_at <= gone.last_at and gone.first_at <= visit.last_at
    ]
