"""What became of single messages: which profile they went to, by what evidence, and what they changed."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from compliance.access import Actor, allows
from compliance.audit import record_read
from compliance.consent import narrowed
from compliance.enums import Category, Operation
from compliance.gate import gate_of
from compliance.key_paths import shared_name
from compliance.sources import sees_source
from profiles.domain.names import name_of
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.permission import usable
from profiles.domain.queries.timeline import TimelineItem, items_of
from profiles.models import SuppressedMessage
from profiles.moments import moment_of
from streaming.contracts.profiles import time_text
from streaming.database import Row, fetch
from streaming.runtime.message_seen import client_time_of

MOST = 20  # messages that share an id

# Each month has a small index of the ids in each stretch of it, so that this reads little of the timeline.
_FIND = """
SELECT t.id, t.timestamp, t.received_at, t.event_id, t.source_id, t.import_id, t.message_id,
    t.purposes, t.properties, t.context, t.traits,
    t.client_time, t.evidence, t.anchor_id, a.birth_id, a.profile_id, a.live_id, p.traits, p.provenance
FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id
LEFT JOIN profiles_profile p ON p.id = a.profile_id
WHERE t.message_id = %s ORDER BY t.received_at, t.id LIMIT %s
"""
_COUNTED = """
SELECT day, count FROM profiles_daily_counter
WHERE anchor_id = %s AND day = (%s AT TIME ZONE 'UTC')::date AND event_id = %s
"""
_VISITED = """
SELECT first_at, last_at, events FROM profiles_session
WHERE anchor_id = %s AND source_id = %s AND first_at <= %s AND last_at >= %s ORDER BY first_at LIMIT 1
"""
_SOCIAL = "SELECT network FROM profiles_social_item WHERE anchor = %s AND message = %s LIMIT 1"
_BEHAVED = """
SELECT first_at, last_at FROM profiles_behaviour_visit WHERE anchor = %s AND source_id = %s AND first_at <= %s
    AND last_at >= %s AND features IS NOT NULL ORDER BY first_at LIMIT 1
"""


class TraitSaid(NamedTuple):
    """A trait that the message told. `value` is None when it is masked, or was deleted; `stands` says that it counts now."""

    key: str
    value: Any
    is_masked: bool
    stands: bool
    since: str  # when what counts now was said


class Counted(NamedTuple):
    """The daily counter that the message is in."""

    day: str
    number: int


class Visited(NamedTuple):
    """The visit that the message is in; `events` is None where they are not counted."""

    first_at: datetime
    last_at: datetime
    events: int | None


@dataclass(slots=True)
class AppliedMessage:
    """A message that was applied. What the actor may not see is masked, or empty."""

    item: TimelineItem
    client_time: datetime | None
    person: UUID | None
    name: str
    links: list[Link] = field(default_factory=list)
    traits: list[TraitSaid] = field(default_factory=list)
    counted: Counted | None = None
    visited: Visited | None = None
    behaved: Visited | None = None
    network: str = ""


class NotedMessage(NamedTuple):
    """A message that was suppressed when it came to people."""

    source_id: int
    client_time: datetime | None
    noted_at: datetime


def applied_messages(
    actor: Actor, message_id: str, recorded: frozenset[UUID] | None = None
) -> list[AppliedMessage]:
    """What became of the messages with this id, as far as the actor may see it; nothing to who may not see people.

    `recorded` says of whom an earlier look at the same was recorded as read: another look at them alone is not.
    """
    if not allows(actor, Operation.PEOPLE_VIEW):
        return []
    rows, mask = _usable(actor, fetch(_FIND, [message_id, MOST])), Mask(actor)
    items = items_of([row[:11] for row in rows], mask)
    found = [_applied(row, item, mask) for row, item in zip(rows, items, strict=True)]
    subjects = {each.person for each in found if each.person}
    if found and (recorded is None or not subjects <= recorded):
        record_read(
            actor, action="person.trace", subjects=subjects,
            categories=sorted(mask.seen), detail={"messages": len(found)},
        )  # fmt: skip
    return found


def _usable(actor: Actor, rows: list[Row]) -> list[Row]:
    """Without those of people whom the actor may not use; of nobody's there is nothing to ask."""
    rows = [row for row in rows if sees_source(actor, row[4])]
    may = usable(gate_of(actor), {row[15] for row in rows if row[15] is not None})
    return [row for row in rows if row[15] is None or row[15] in may]


def suppressed_messages(message_id: str) -> list[NotedMessage]:
    """The messages with this id that were remembered without being stored, because of whom they name."""
    digest = UUID(bytes=md5(message_id.encode(), usedforsecurity=False).digest())
    rows = SuppressedMessage.objects.filter(hash=digest).order_by("noted_at")[:MOST]
    return [NotedMessage(row.source_id, client_time_of(row.client_time), row.noted_at) for row in rows]


def _applied(row: Row, item: TimelineItem, mask: Mask) -> AppliedMessage:
    client_time, evidence, anchor, birth_id, profile, live_id, values, provenance = row[11:]
    known, origins = orjson.loads(values or "{}"), orjson.loads(provenance or "{}")
    named, _ = mask.traits(known, origins)
    found = AppliedMessage(item, client_time, live_id, name_of(named))
    if mask.hides(Category.BEHAVIOUR) or not mask.use.permits(row[7] or ()):
        return found
    if profile is not None:
        links = links_named(evidence or (), profile, mask).values()
        found.links = sorted(links, key=lambda link: (link.at, link.id))
        found.traits = _told(row, origins, mask)
    found.counted = next((Counted(*each) for each in fetch(_COUNTED, [anchor, item.timestamp, row[3]])), None)
    span = [item.source_id, item.timestamp, item.timestamp]
    found.visited = next((Visited(*each) for each in fetch(_VISITED, [anchor, *span])), None)
    found.behaved = next(
        (Visited(each[0], each[1], None) for each in fetch(_BEHAVED, [birth_id, *span])), None
    )
    found.network = next((each[0] for each in fetch(_SOCIAL, [birth_id, _digest(item, client_time)])), "")
    return found


def _told(row: Row, origins: dict[str, dict[str, Any]], mask: Mask) -> list[TraitSaid]:
    """The traits of an identify, and whether each still counts."""
    if row[10] is None:
        return []
    told = orjson.loads(row[10])
    origins_told = {
        key: {"purposes": narrowed(row[7] or (), (f"traits.{shared_name(key)}",))} for key in told
    }
    visible, hidden = mask.traits(told, origins_told)
    named = {key for key in told if key in visible or key in hidden}
    return [_said(key, visible, origins.get(key), row) for key in sorted(named)]


def _said(key: str, visible: dict[str, Any], origin: dict[str, Any] | None, row: Row) -> TraitSaid:
    stands = origin is not None and (origin["message"], origin["source"]) == (row[6], row[4])
    return TraitSaid(key, visible.get(key), key not in visible, stands, origin["at"] if origin else "")


def _digest(item: TimelineItem, client_time: datetime | None) -> UUID:
    """The message as social and behaviour know it."""
    event = {
        "source_id": item.source_id,
        "message_id": item.message_id,
        "client_time": None if client_time is None else time_text(client_time),
        "timestamp": time_text(item.timestamp),
        "received_at": time_text(item.received_at),
    }
    return UUID(bytes=moment_of(event).message)
