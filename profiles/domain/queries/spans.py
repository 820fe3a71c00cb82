"""Which days hold the wanted events of a person with very many devices: the timeline reads no others.

Each anchor costs a look into each month of the timeline, which takes seconds for thousands of anchors and years of
months. The daily counters, one look for each anchor, say up to which day there are enough events.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from streaming.database import fetch

MANY_ANCHORS = 200
_FURTHER = 8  # times as many events when the days that were read had too few that fit

_IS_MANY = "SELECT count(*) = %(many)s FROM (SELECT FROM profiles_anchor WHERE profile_id = %(row)s LIMIT %(many)s) a"
_DAYS = """
SELECT c.day, sum(c.count)::bigint FROM profiles_anchor a JOIN profiles_daily_counter c ON c.anchor_id = a.id
WHERE a.profile_id = %(row)s AND {conditions} GROUP BY c.day ORDER BY c.day {direction}
"""


class Span(NamedTuple):
    """From `low` to before `high`; None where it has no end. `is_sparse`: most anchors have nothing in most months."""

    low: datetime | None = None
    high: datetime | None = None
    is_sparse: bool = False


class Reading(NamedTuple):
    """How a page is read: from `start` (None: from the newest event) back, or `forwards`, until `wanted` events.

    No event beyond `end` is wanted. `events` are the names that are shown, by row; None for all.
    """

    wanted: int
    start: datetime | None = None
    end: datetime | None = None
    forwards: bool = False
    events: Sequence[int] | None = None


def has_many_anchors(row: int) -> bool:
    """Whether the person of this row has so many that each look into the timeline must be bounded in time."""
    ((is_many,),) = fetch(_IS_MANY, {"row": row, "many": MANY_ANCHORS})
    return bool(is_many)


def spans(row: int, reading: Reading) -> Iterator[Span]:
    """Spans to read one after another, each within the next, until one has enough; the last has all there is."""
    days = _days(row, reading) if has_many_anchors(row) else []
    counted, goal = 0, reading.wanted
    for day, events in days:
        if (
            reading.start is None or day != reading.start.astimezone(UTC).date()
        ):  # of which a part was read before
            counted += events
        if counted >= goal and day != days[-1][0]:
            yield _up_to(day, forwards=reading.forwards)
            goal = counted * _FURTHER
    yield _up_to(days[-1][0], forwards=reading.forwards) if days else Span()


def _days(row: int, reading: Reading) -> list[tuple[date, int]]:
    conditions = []
    after, before = (">=", "<=") if reading.forwards else ("<=", ">=")
    if reading.start is not None:
        conditions.append(f"c.day {after} %(start)s")
    if reading.end is not None:
        conditions.append(f"c.day {before} %(end)s")
    if reading.events is not None:
        conditions.append("c.event_id = ANY(%(events)s)")
    query = _DAYS.format(
        conditions=" AND ".join(conditions) or "true", direction="ASC" if reading.forwards else "DESC"
    )
    ends = {
        name: at and at.astimezone(UTC).date()
        for name, at in (("start", reading.start), ("end", reading.end))
    }
    return [(day, events) for day, events in fetch(query, {"row": row, "events": reading.events, **ends})]


def _up_to(day: date, *, forwards: bool) -> Span:
    begins = datetime.combine(day, time(), UTC)
    return Span(high=begins + timedelta(days=1), is_sparse=True) if forwards else Span(begins, is_sparse=True)
