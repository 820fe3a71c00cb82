"""One event or rejected item, opened: as far as the actor may see it, and kept in the audit trail."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from compliance.access import Actor, allows, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.subjects import named_in
from ingestion.domain.events.times import parse_time
from ingestion.domain.masking import Mask
from ingestion.domain.people import KnownPerson, people_behind
from ingestion.domain.queries.permitted import ids_of, require_permitted, without_refused
from ingestion.domain.queries.watching import document_of, may_see_content
from ingestion.enums import Result
from ingestion.models import LiveEvent, Rejection, Source

NOTICEABLE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Times:
    """The times of an event. `skew` is how far the client's clock was behind ours."""

    used: datetime | None = None
    client: datetime | None = None
    sent: datetime | None = None
    received: datetime | None = None

    @property
    def skew(self) -> timedelta | None:
        """The difference between the client's clock at sending and ours at receiving."""
        return self.received - self.sent if self.received and self.sent else None

    @property
    def was_corrected(self) -> bool:
        """Whether the time to use differs noticeably from what the client said."""
        if self.used is None or self.client is None:
            return False
        return abs(self.used - self.client) >= NOTICEABLE


@dataclass(frozen=True, slots=True)
class Opened:
    """What to show. `raw` is the whole item as text, None for those who may not see payloads."""

    id: int
    at: datetime
    source: Source
    type: str
    name: str
    result: str
    reason: str
    message_id: str
    document: dict[str, Any]
    raw: str | None
    code: str = ""
    raw_bytes: int = 0
    times: Times = field(default_factory=Times)
    person: KnownPerson | None = None
    is_live: bool = False

    @property
    def has_way(self) -> bool:
        """Whether more can be told of what became of it: it was taken, and can be told from others."""
        return self.is_live and bool(self.message_id) and bool(self.document.get("source_id"))

    @property
    def checked(self) -> str:
        """How it did against the tracking plan; empty when what it breaks, or why it was not taken, is told already."""
        if not self.has_way or self.document.get("violations"):
            return ""
        version = self.document.get("schema_version")
        return (
            f"It follows the tracking plan, version {version}"
            if version
            else "No tracking plan holds for its source"
        )

    @property
    def label(self) -> str:
        """What became of it, in words."""
        return str(Result(self.result).label)

    @property
    def sections(self) -> list[tuple[str, dict[str, Any]]]:
        """The parts of the event that have content."""
        named = {"Properties": "properties", "Traits": "traits", "Context": "context"}
        return [(title, self.document[key]) for title, key in named.items() if self.document.get(key)]


def open_event(actor: Actor, event_id: int) -> Opened:
    """An event of the live page. Raises LiveEvent.DoesNotExist when it is no longer kept, AccessDenied.

    Also to who is bound to purposes and may not use it (EventUseDenied, which is recorded).
    """
    require(actor, Operation.EVENTS_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.EVENTS_VIEW)
    event = LiveEvent.objects.select_related("source").get(pk=event_id)
    document = document_of(event)
    require_permitted(actor, document)
    person = _person(actor, document)
    visible, raw = _seen(
        actor, document or rejected_document(event.raw), event.raw, f"live_event:{event.pk}", person
    )
    return Opened(
        id=event.pk, at=event.at, source=event.source, type=event.type, name=_name(visible, event.type),
        result=event.result, reason=event.reason, message_id=event.message_id, document=visible, raw=raw,
        raw_bytes=len(event.raw.encode()), times=times_of(document), person=person, is_live=True,
    )  # fmt: skip


def open_rejection(actor: Actor, rejection_id: int) -> Opened:
    """A rejected item. Raises Rejection.DoesNotExist, AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    item = Rejection.objects.select_related("source").get(pk=rejection_id)
    require_permitted(actor, parsed(item.raw))
    visible, raw = _seen(actor, parsed(item.raw), item.raw, f"rejection:{item.pk}", None)
    return Opened(
        id=item.pk, at=item.received_at, source=item.source, type=item.type, name=_name(visible, item.type),
        result=Result.REJECTED.value, reason=item.reason, message_id=item.message_id, document=visible, raw=raw,
        code=item.code, raw_bytes=item.raw_bytes,
    )  # fmt: skip


def times_of(document: dict[str, Any]) -> Times:
    """The times of an event in the log's form."""
    return Times(
        *(_time(document.get(key)) for key in ("timestamp", "client_time", "sent_at", "received_at"))
    )


def parsed(raw: str) -> dict[str, Any]:
    """The item as an object; empty when it is none, or was cut."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def rejected_document(record: str) -> dict[str, Any]:
    """The item within a rejection's record."""
    raw = parsed(record).get("raw")
    return parsed(raw) if isinstance(raw, str) else {}


def _seen(
    actor: Actor, document: dict[str, Any], raw: str, target: str, person: KnownPerson | None
) -> tuple[dict[str, Any], str | None]:
    mask = Mask(actor)
    narrowed = without_refused(actor, document)
    visible = mask.event(narrowed)
    may_see_all = may_see_content(actor) and narrowed == document
    record_read(
        actor, action="events.open", target=target, subjects=[person.id] if person else named_in(document),
        categories=Category if may_see_all else mask.seen, detail={"raw": may_see_all},
    )  # fmt: skip
    return visible, pretty(raw) if may_see_all else None


def pretty(raw: str) -> str:
    """JSON with indents; what is no JSON, or is cut, as it is."""
    try:
        return orjson.dumps(orjson.loads(raw), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return raw


def _person(actor: Actor, document: dict[str, Any]) -> KnownPerson | None:
    if not document or not allows(actor, Operation.PEOPLE_VIEW):
        return None
    ids = ids_of(document)
    return people_behind(actor, [ids]).get(ids)


def _name(document: dict[str, Any], otherwise: str) -> str:
    name = document.get("event")
    return name if isinstance(name, str) and name else otherwise


def _time(value: object) -> datetime | None:
    return parse_time(value) if isinstance(value, str) else None
