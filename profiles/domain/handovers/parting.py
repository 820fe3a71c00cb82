"""What was stored of an identifier that turned out to be another from a day on: parted, some days at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from profiles.domain.handovers import anchors, derived, facts, links, telling
from profiles.identity.epochs import start_of
from profiles.identity.evidence import Identifier
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]

STEP = 2_000  # events that one transaction looks at; a day of an anchor is not taken apart

# Whose events may show links of the identifier: those of its anchors, and of everybody it is linked with.
_CONCERNED = """
WITH ends AS MATERIALIZED (
    SELECT %(one)s::bigint AS id
    UNION SELECT b_id FROM profiles_evidence WHERE a_id = %(one)s
    UNION SELECT a_id FROM profiles_evidence WHERE b_id = %(one)s
), concerned AS (
    SELECT a.id FROM profiles_anchor a WHERE a.profile_id IN (
        SELECT i.profile_id FROM ends JOIN profiles_identifier i ON i.id = ends.id WHERE i.profile_id IS NOT NULL
    )
    UNION SELECT id FROM profiles_anchor WHERE user_id = %(one)s
    UNION SELECT id FROM profiles_anchor WHERE anonymous_id = %(one)s
    UNION SELECT id FROM profiles_anchor WHERE home_id IN (SELECT id FROM ends) AND profile_id IS NULL
)
SELECT c.anchor_id, c.day, sum(c.count)::int FROM concerned JOIN profiles_daily_counter c ON c.anchor_id = concerned.id
WHERE c.day >= %(day)s AND (c.anchor_id, c.day) > (%(anchor)s, %(after)s)
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %(most)s
"""


class Place(NamedTuple):
    """A day of an anchor."""

    anchor: int
    day: date


START = Place(0, date.min)


@dataclass(frozen=True, slots=True)
class Ends:
    """An identifier that is to be another from a day on, each with its row.

    They are the former's and the new holder's; the other way round where a handover is taken back.
    """

    one: int
    one_as: Identifier
    other: int
    other_as: Identifier
    day: date
    is_return: bool = False

    @property
    def since(self) -> datetime:
        """The moment of the change."""
        return start_of(self.day)


class Days(NamedTuple):
    """Some days, in order; `events` is how many events they have. `last` says that nothing is behind them."""

    places: list[Place]
    events: int
    last: bool


def days_behind(connection: Connection, ends: Ends, after: Place) -> Days:
    """The next days that are to be parted, of about STEP events."""
    given = {
        "one": ends.one, "day": ends.day, "anchor": after.anchor, "after": after.day, "most": STEP + 1,
    }  # fmt: skip
    found: list[Place] = []
    total = 0
    rows = connection.execute(_CONCERNED, given).fetchall()
    for anchor, day, count in rows:
        if found and total + count > STEP:
            return Days(found, total, last=False)
        found.append(Place(anchor, day))
        total += count
    return Days(found, total, last=len(rows) <= STEP)


def part(connection: Connection, ends: Ends, places: Sequence[Place], now: datetime) -> list[NewRecord]:
    """Part these days, each anchor's in one go; returns what is to be published. Doing it again changes nothing."""
    records: list[NewRecord] = []
    older = links.seen_before(connection, ends.one, None if ends.is_return else ends.since)
    by_anchor: dict[int, list[date]] = {}
    for place in places:
        by_anchor.setdefault(place.anchor, []).append(place.day)
    for row, days in sorted(by_anchor.items()):
        span = start_of(days[0]), start_of(days[-1] + timedelta(days=1))
        named = ends.one, ends.one_as, ends.other, ends.other_as
        links.part_events(connection, named, older, [row], span)
        anchor = anchors.read(connection, row)
        if anchor.is_of(ends.one):
            records += _give(connection, ends, anchor, span, now)
    return records


def sweep(connection: Connection, ends: Ends, now: datetime) -> list[NewRecord]:
    """Withdraw what was made of the former's anchors of events that were on their way while they were parted."""
    records: list[NewRecord] = []
    for row in derived.strays(connection, anchors.of(connection, ends.one), ends.since):
        records += _make_anew(connection, ends, anchors.read(connection, row), now)
    return records


def _make_anew(connection: Connection, ends: Ends, anchor: anchors.Anchor, now: datetime) -> list[NewRecord]:
    """Withdraw what was made of an anchor's events since the day, and tell those again that it reached back to."""
    forgotten = derived.forget(connection, anchor.id, anchor.birth_id, ends.since, now)
    again = telling.events_between(connection, anchor.id, forgotten.again_from, ends.since)
    return [*forgotten.records, *telling.told(connection, anchor.owner, again)]


def _give(
    connection: Connection,
    ends: Ends,
    anchor: anchors.Anchor,
    span: tuple[datetime, datetime],
    now: datetime,
) -> list[NewRecord]:
    heir = anchors.heir_of(connection, anchor, ends.one, (ends.other, ends.other_as), ends.since)
    if heir == anchor.id:  # all that it has goes with it
        return []
    facts.move_statements(connection, anchor.id, heir, ends.since)
    records = _make_anew(connection, ends, anchor, now)
    moved = facts.move_events(connection, anchor.id, heir, span)
    anchors.seen_first(connection, heir)
    return [*records, *telling.told(connection, anchors.read(connection, heir).owner, moved)]
