"""The events of a person, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from compliance.access import (
    AccessDenied,
    Actor,
    category_of_property,
    category_of_trait,
    masked,
    require,
    require_shown,
)
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import source_ids
from profiles.domain.channels import EventChannel, channel_of, source_channels
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Cursor, Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.domain.queries.spans import Reading, Span, spans
from profiles.domain.source_names import source_names
from profiles.models import EventName
from profiles.sessions.points import visit_key
from streaming.database import Row, fetch

_LISTING = "profiles.timeline"
_NARROW = timedelta(days=1)

# Each anchor gives its own newest rows by index, month after month until there are enough: a person with a
# million events costs what one with fifty does. For one with very many anchors see `spans`.
_READ = """
SELECT t.id, t.timestamp, t.received_at, t.event_id, t.source_id, t.import_id, t.message_id,
    t.purposes, t.properties, t.context, t.traits, t.anchor_id
FROM {anchors} a CROSS JOIN LATERAL (
    SELECT * FROM profiles_timeline t
    WHERE t.anchor_id = a.id AND {conditions}
    ORDER BY t.timestamp {direction}, t.id {direction} LIMIT %(limit)s
) t
WHERE a.profile_id = %(row)s
ORDER BY t.timestamp {direction}, t.id {direction} LIMIT %(limit)s
"""
# Thousands of anchors in years of months are hundreds of thousands of looks: only those are taken of which the daily
# counters say that there is something.
_ACTIVE = """(
    SELECT DISTINCT a.id, a.profile_id, date_trunc('month', c.day::timestamp) AS month
    FROM profiles_anchor a JOIN profiles_daily_counter c ON c.anchor_id = a.id
    WHERE a.profile_id = %(row)s AND (%(low)s::timestamptz IS NULL OR c.day >= (%(low)s AT TIME ZONE 'UTC')::date)
        AND (%(high)s::timestamptz IS NULL OR c.day <= (%(high)s AT TIME ZONE 'UTC')::date)
)"""
_IN_MONTH = "t.timestamp >= a.month AT TIME ZONE 'UTC' AND t.timestamp < (a.month + interval '1 month') AT TIME ZONE 'UTC'"
_OLDER = "t.timestamp <= %(time)s AND (t.timestamp, t.id) < (%(time)s, %(id)s)"
_NEWER = "t.timestamp >= %(time)s AND (t.timestamp, t.id) > (%(time)s, %(id)s)"
_SINCE = "t.timestamp >= %(since)s"
_UNTIL = "t.timestamp < %(until)s"


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Which events to show; what is None or empty shows all. `event` is the name of a track, else a type.

    `channel` is one of EventChannel. It follows from the content of events, so only `search_timeline` reads it.
    """

    event: str = ""
    channel: str = ""
    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One event. `event` is None for types without a name; `masked` are the paths of what is hidden.

    `hashed` are those of what is shown as pseudonyms. `channel` is told where it is filtered by, if anything tells it. `anchor` and `visit_key` say which visit it
    may belong to, and are never shown. `purposes` is what it said of them, as `compliance.consent` records it.
    """

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
    channel: str = ""
    anchor: int = 0
    visit_key: str | None = None
    purposes: Sequence[str] = ()
    hashed: list[str] = field(default_factory=list)

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
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    filters = filters or TimelineFilter()
    if filters.event and masked(actor, Category.BEHAVIOUR):
        raise AccessDenied("Filtering by event takes the right to see behaviour.")
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = holder_for(actor, profile_id)
    rows = _read(held.row, start, limit, filters, source_ids(actor))
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=_position)
    mask = Mask(actor)
    items = items_of(page.items, mask, tells_channel=bool(filters.channel))
    record_read(
        actor, action="person.timeline", subjects=[held.id], categories=sorted(mask.seen),
        detail={"events": len(items)},
    )  # fmt: skip
    return Page(items, page.next, page.previous)


def _position(row: Row) -> tuple[str, int]:
    return (row[1].isoformat(), row[0])


def _read(
    row: int, start: Cursor | None, limit: int, filters: TimelineFilter, sources: list[int] | None
) -> list[Row]:
    conditions, parameters = _conditions(start, filters)
    if sources is not None:
        conditions.append("t.source_id = ANY(%(sources)s)")
        parameters["sources"] = sources
    parameters |= {"row": row, "limit": limit + 1}
    forwards = start is not None and start.backwards
    reading = _reading(parameters, limit + 1, forwards=forwards)
    rows: list[Row] = []
    for span in [Span()] if _is_narrow(filters) else spans(row, reading):
        within = [
            *conditions,
            *(["t.timestamp >= %(low)s"] if span.low else []),
            *(["t.timestamp < %(high)s"] if span.high else []),
            *([_IN_MONTH] if span.is_sparse else []),
        ]
        query = _READ.format(
            anchors=_ACTIVE if span.is_sparse else "profiles_anchor",
            conditions=" AND ".join(within) or "true",
            direction="ASC" if forwards else "DESC",
        )
        rows = fetch(query, {**parameters, "low": span.low, "high": span.high})
        if len(rows) > limit:
            break
    return rows


def _reading(parameters: Mapping[str, Any], wanted: int, *, forwards: bool) -> Reading:
    """How these conditions are read: from the nearer of the cursor and the filter's own end on."""
    since, until, time = (parameters.get(name) for name in ("since", "until", "time"))
    near, far = (since, until) if forwards else (until, since)
    starts = [at for at in (near, time) if at is not None]
    start = (max(starts) if forwards else min(starts)) if starts else None
    return Reading(wanted, start, far, forwards, parameters.get("events"))


def _is_narrow(filters: TimelineFilter) -> bool:
    """Whether so little time is asked for that no look at the days is worth it."""
    return (
        filters.since is not None and filters.until is not None and filters.until - filters.since <= _NARROW
    )


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


def items_of(rows: Sequence[Row], mask: Mask, *, tells_channel: bool = False) -> list[TimelineItem]:
    """The rows of the timeline (see _READ), as far as the actor may see them."""
    names = {each.id: each for each in EventName.objects.filter(id__in={row[3] for row in rows})}
    ids = {row[4] for row in rows}
    sources = source_names(ids)
    channels = source_channels(ids) if tells_channel else None
    return [_item(row, names[row[3]], sources[row[4]], channels, mask) for row in rows]


def _item(
    row: Row, name: EventName, source: str, channels: Mapping[int, EventChannel] | None, mask: Mask
) -> TimelineItem:
    identity, timestamp, received_at, _, source_id, import_id, message_id, purposes, *rest = row
    documents = [orjson.loads(text) if text else None for text in rest[: len(_FIELDS)]]
    said = documents[1] or {}
    is_hidden = not mask.shows(Category.BEHAVIOUR) or not mask.use.permits(purposes or ())
    refused = mask.use.refused_keys(purposes or ())
    (properties, context, traits), hidden = (
        _nothing(documents) if is_hidden else _shown(documents, mask, refused)
    )
    return TimelineItem(
        id=identity,
        message_id=message_id,
        type=name.type,
        event=mask.value(Category.BEHAVIOUR, name.name) if name.name != name.type and not is_hidden else None,
        timestamp=timestamp,
        received_at=received_at,
        source_id=source_id,
        source=source,
        import_id=import_id,
        properties=properties or {},
        context=context or {},
        traits=traits,
        masked=["event", *hidden] if is_hidden else hidden,
        channel=""
        if is_hidden or channels is None or mask.hides(Category.BEHAVIOUR)
        else channel_of(context or {}, import_id=import_id, source=channels.get(source_id)),
        anchor=rest[len(_FIELDS)] if len(rest) > len(_FIELDS) else 0,
        visit_key=visit_key(said),
        purposes=purposes or (),
        hashed=mask.pseudonyms({"properties": properties, "context": context, "traits": traits}),
    )


_Documents = list[dict[str, Any] | None]  # properties, context, traits
_FIELDS = (
    ("properties", category_of_property),
    ("context", category_of_property),
    ("traits", category_of_trait),
)


def _nothing(documents: _Documents) -> tuple[_Documents, list[str]]:
    return [None] * len(documents), [
        name for (name, _), document in zip(_FIELDS, documents, strict=True) if document is not None
    ]


def _shown(documents: _Documents, mask: Mask, refused: frozenset[str]) -> tuple[_Documents, list[str]]:
    shown: _Documents = []
    hidden: list[str] = []
    for (name, category_of), document in zip(_FIELDS, documents, strict=True):
        visible, paths = mask.document(document or {}, category_of, f"{name}.", refused)
        shown.append(visible if document is not None else None)
        hidden += paths
    return shown, hidden
