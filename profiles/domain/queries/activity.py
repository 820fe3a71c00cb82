"""How much a person does: events by day and by name, from the daily counters."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.statements import fetch
from profiles.domain.source_names import source_names

DAYS = 30
SAMPLE = 1000  # of the newest events of each anchor, in which sources are looked for

_BY_NAME = """
SELECT e.type, e.name, sum(c.count)::bigint, max(c.last_at)
FROM profiles_anchor a
JOIN profiles_daily_counter c ON c.anchor_id = a.id
JOIN profiles_eventname e ON e.id = c.event_id
WHERE a.profile_id = %s GROUP BY e.type, e.name ORDER BY 3 DESC, 2
"""
_BY_DAY = """
SELECT c.day, sum(c.count)::bigint
FROM profiles_anchor a JOIN profiles_daily_counter c ON c.anchor_id = a.id
WHERE a.profile_id = %s AND c.day > %s AND c.day <= %s GROUP BY c.day
"""
_SOURCES = """
SELECT DISTINCT t.source_id FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT source_id FROM profiles_timeline t WHERE t.anchor_id = a.id ORDER BY t.timestamp DESC LIMIT %s
) t WHERE a.profile_id = %s
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
    held, mask = holder_of(profile_id), Mask(actor)
    by_name = [EventCount(*row) for row in fetch(_BY_NAME, [held.row])]
    is_hidden = mask.hides(Category.BEHAVIOUR)
    today = now.astimezone(UTC).date()
    since = today - timedelta(days=DAYS - 1)
    by_day: dict[date, int] = dict(fetch(_BY_DAY, [held.row, since - timedelta(days=1), today]))
    sources = source_names({source for (source,) in fetch(_SOURCES, [SAMPLE, held.row])})
    record_read(actor, action="person.activity", subjects=[held.id], categories=sorted(mask.seen))
    return Activity(
        events=sum(each.events for each in by_name),
        since=since,
        by_day=[by_day.get(since + timedelta(days=day), 0) for day in range(DAYS)],
        by_name=[] if is_hidden else by_name,
        hides_names=is_hidden,
        sources=sorted(((key, name) for key, name in sources.items() if key), key=lambda each: each[1]),
    )


def event_counts(rows: Collection[int]) -> Mapping[int, int]:
    """How many events each of these profiles has, by row; those without are absent."""
    return dict(fetch(_EVENTS, [list(rows)])) if rows else {}
