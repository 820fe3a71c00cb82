"""The events of a person, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from compliance.access import AccessDenied, Actor, category_of_property, category_of_trait, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Cursor, Page, bounded, page_of, read_cursor
from profiles.domain.queries.statements import Row, fetch
from profiles.domain.source_names import source_names
from profiles.models import EventName

_LISTING = "profiles.timeline"

# Each anchor gives its own newest rows by index, month after month until there are enough: a person with a
# million events costs what one with fifty does.
_READ = """
SELECT t.id, t.timestamp, t.received_at, t.event_id, t.source_id, t.import_id, t.message_id,
    t.purposes, t.properties, t.context, t.traits
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT * FROM profiles_timeline t
    WHERE t.anchor_id = a.id AND {conditions}
    ORDER BY t.timestamp {direction}, t.id {direction} LIMIT %(limit)s
) t
WHERE a.profile_id = %(row)s
ORDER BY t.timestamp {direction}, t.id {direction} LIMIT %(limit)s
"""
_OLDER = "t.timestamp <= %(time)s AND (t.timestamp, t.id) < (%(time)s, %(id)s)"
_NEWER = "t.timestamp >= %(time)s AND (t.timestamp, t.id) > (%(time)s, %(id)s)"
_SINCE = "t.timestamp >= %(since)s"
_UNTIL = "t.timestamp < %(until)s"


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Which events to show; what is None or empty shows all. `event` is the name of a track, else a type."""

    event: str = ""
    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One event. `event` is None for types without a name; `masked` are the paths of what is hidden."""

    id: int
    message_id: str
    type: str
    event: str | None
    timestamp: datetime
    received_at: datetime
    source_id: int
    source: str
    import_id: int
    properties: dict[str, Any]
    context: dict[str, Any]
    traits: dict[str, Any] | None
    masked: list[str]

    @property
    def title(self) -> str:
        """What to call it: the name of a track, else the type."""
        return self.event or self.type


def timeline(
    actor: Actor,
    profile_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
    filters: TimelineFilter | None = None,
) -> Page[TimelineItem]:
    """The events of whoever holds this id, by their time. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.

    Events that the actor may not see (behaviour), or not for the purpose, come as types and times, without content.
    """
    require(actor, Operation.PEOPLE_VIEW)
    filters = filters or TimelineFilter()
    if filters.event and masked(actor, Category.BEHAVIOUR):
        raise AccessDenied("Filtering by event takes the right to see behaviour.")
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = holder_of(profile_id)
    rows = _read(held.row, start, limit, filters)
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=_position)
    mask = Mask(actor)
    items = items_of(page.items, mask)
    record_read(
        actor, action="person.timeline", subjects=[held.id], categories=sorted(mask.seen),
        detail={"events": len(items)},
    )  # fmt: skip
    return Page(items, page.next, page.previous)


def _position(row: Row) -> tuple[str, int]:
    return (row[1].isoformat(), row[0])


def _read(row: int, start: Cursor | None, limit: int, filters: TimelineFilter) -> list[Row]:
    conditions, parameters = _conditions(start, filters)
    query = _READ.format(
        conditions=" AND ".join(conditions) or "true",
        direction="ASC" if start and start.backwards else "DESC",
    )
    return fetch(query, {**parameters, "row": row, "limit": limit + 1})


def _conditions(start: Cursor | None, filters: TimelineFilter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    if start:
        conditions.append(_NEWER if start.backwards else _OLDER)
        time, last = start.position
        parameters |= {"time": datetime.fromisoformat(time), "id": last}
    for condition, name, value in (
        (_SINCE, "since", filters.since),
        (_UNTIL, "until", filters.until),
        ("t.source_id = %(source)s", "source", filters.source_id),
        ("t.event_id = ANY(%(events)s)", "events", _events_called(filters.event)),
    ):
        if value is not None:
            conditions.append(condition)
            parameters[name] = value
    return conditions, parameters


def _events_called(name: str) -> list[int] | None:
    return list(EventName.objects.filter(name=name).values_list("id", flat=True)) if name else None


def items_of(rows: Sequence[Row], mask: Mask) -> list[TimelineItem]:
    """The rows of the timeline (see _READ), as far as the actor may see them."""
    names = {each.id: each for each in EventName.objects.filter(id__in={row[3] for row in rows})}
    sources = source_names({row[4] for row in rows})
    return [_item(row, names[row[3]], sources[row[4]], mask) for row in rows]


def _item(row: Row, name: EventName, source: str, mask: Mask) -> TimelineItem:
    identity, timestamp, received_at, _, source_id, import_id, message_id, purposes, *documents = row
    is_hidden = mask.hides(Category.BEHAVIOUR) or not mask.use.permits(purposes or ())
    (properties, context, traits), hidden = _nothing(documents) if is_hidden else _shown(documents, mask)
    return TimelineItem(
        id=identity,
        message_id=message_id,
        type=name.type,
        event=name.name if name.name != name.type and not is_hidden else None,
        timestamp=timestamp,
        received_at=received_at,
        source_id=source_id,
        source=source,
        import_id=import_id,
        properties=properties or {},
        context=context or {},
        traits=traits,
        masked=["event", *hidden] if is_hidden else hidden,
    )


_Documents = list[dict[str, Any] | None]  # properties, context, traits
_FIELDS = (
    ("properties", category_of_property),
    ("context", category_of_property),
    ("traits", category_of_trait),
)


def _nothing(documents: Sequence[str | None]) -> tuple[_Documents, list[str]]:
    return [None] * len(documents), [
        field for (field, _), text in zip(_FIELDS, documents, strict=True) if text
    ]


def _shown(documents: Sequence[str | None], mask: Mask) -> tuple[_Documents, list[str]]:
    shown: _Documents = []
    hidden: list[str] = []
    for (field, category_of), text in zip(_FIELDS, documents, strict=True):
        visible, paths = mask.document(orjson.loads(text or "{}"), category_of, f"{field}.")
        shown.append(visible if text else None)
        hidden += paths
    return shown, hidden
