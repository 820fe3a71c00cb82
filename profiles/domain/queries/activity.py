"""How much a person does: events by day and by name, from the daily counters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import seen_of, source_ids
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.permission import holder_for
from profiles.domain.queries.spans import has_many_anchors
from profiles.domain.source_names import source_names
from profiles.models import EventName
from streaming.database import Row, fetch

DAYS = 30
SAMPLE = 100  # of the newest events of each anchor, in which sources are looked for
SAMPLED = timedelta(days=30)  # before the newest event, of who has very many anchors

# Both sums in one pass over the counters, of which a busy person has a hundred thousand.
_SUMS = """
SELECT c.event_id, c.day, sum(c.count)::bigint, max(c.last_at)
FROM profiles_anchor a JOIN profiles_daily_counter c ON c.anchor_id = a.id
WHERE a.profile_id = %s GROUP BY GROUPING SETS ((c.event_id), (c.day))
HAVING c.day IS NULL OR c.day BETWEEN %s AND %s
"""
_SUMS_OF_SOURCES = """
SELECT t.event_id, (t.timestamp AT TIME ZONE 'UTC')::date AS day, count(*), max(t.timestamp)
FROM profiles_anchor a JOIN profiles_timeline t ON t.anchor_id = a.id
WHERE a.profile_id = %(row)s AND t.source_id = ANY(%(sources)s) AND t.timestamp >= %(since)s
GROUP BY GROUPING SETS ((1), (2))
"""
_SOURCES = """
SELECT DISTINCT t.source_id FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT source_id FROM profiles_timeline t WHERE t.anchor_id = a.id {since}
    ORDER BY t.timestamp DESC LIMIT %(sample)s
) t WHERE a.profile_id = %(row)s
"""
_EVENTS = "SELECT profile_id, events FROM profiles_activity WHERE profile_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often a person had an event. `name` is that of a track, else the type."""

    type: str
    name: str
    events: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """All that a person did, counted. `by_day` has a value for each of DAYS UTC days, today last.

    `by_name` is empty when the actor may not see behaviour, and `hides_names` says so. `sources` are those of the
    newest events, by name.
    """

    events: int
    since: date
    by_day: list[int]
    by_name: list[EventCount] = field(default_factory=list)
    hides_names: bool = False
    sources: list[tuple[int, str]] = field(default_factory=list)


def activity(actor: Actor, profile_id: UUID, *, now: datetime) -> Activity:
    """The activity of whoever holds this id. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    is_hidden = mask.hides(Category.BEHAVIOUR)
    today = now.astimezone(UTC).date()
    since = today - timedelta(days=DAYS - 1)
    allowed = source_ids(actor)
    sums = (
        fetch(_SUMS, [held.row, since, today]) if allowed is None else _of_sources(held.row, allowed, since)
    )
    by_name = _by_name([row for row in sums if row[1] is None])
    by_day: dict[date, int] = {day: events for _, day, events, _ in sums if day is not None}
    sources = source_names(set(seen_of(actor, _newest_sources(held.row, by_name))))
    record_read(actor, action="person.activity", subjects=[held.id], categories=sorted(mask.seen))
    return Activity(
        events=sum(each.events for each in by_name),
        since=since,
        by_day=[by_day.get(since + timedelta(days=day), 0) for day in range(DAYS)],
        by_name=[] if is_hidden else by_name,
        hides_names=is_hidden,
        sources=sorted(((key, name) for key, name in sources.items() if key), key=lambda each: each[1]),
    )


def _of_sources(row: int, sources: list[int], since: date) -> list[Row]:
    """The same of these sources alone, of which no counters are kept: of the last DAYS days."""
    return fetch(_SUMS_OF_SOURCES, {"row": row, "sources": sources, "since": since})


def _by_name(sums: Sequence[Row]) -> list[EventCount]:
    """The sums by event, the most frequent first."""
    names = EventName.objects.in_bulk([event for event, *_ in sums])
    found = [
        EventCount(names[event].type, names[event].name, events, last_at)
        for event, _, events, last_at in sums
    ]
    return sorted(found, key=lambda each: (-each.events, each.name))


def _newest_sources(row: int, by_name: Sequence[EventCount]) -> set[int]:
    if not by_name:
        return set()
    since = max(each.last_at for each in by_name) - SAMPLED if has_many_anchors(row) else None
    return {
        source
        for (source,) in fetch(
            _SOURCES.format(since="AND t.timestamp >= %(since)s" if since else ""),
            {"since": since, "sample": SAMPLE, "row": row},
        )
    }


def event_counts(rows: Collection[int]) -> Mapping[int, int]:
    """How many events each of these profiles has, by row; those without are absent."""
    return dict(fetch(_EVENTS, [list(rows)])) if rows else {}
