"""Arriving events with the people behind them, for whoever may watch. Each look is kept in the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from compliance.access import Actor, allows, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.people import EventIds, KnownPerson, people_behind
from ingestion.domain.queries.live import LiveFilter, live_events
from ingestion.enums import Result
from ingestion.models import LiveEvent


@dataclass(frozen=True, slots=True)
class Arrival:
    """An arriving event, and who is behind it as far as that is known and may be seen.

    `name` and `about` (the page that was seen) are empty for those who may not see behaviour.
    """

    event: LiveEvent
    person: KnownPerson | None
    name: str
    about: str = ""


def watch(
    actor: Actor, *, after: int | None = None, filters: LiveFilter | None = None, limit: int = 100
) -> list[Arrival]:
    """The newest events with an id above `after`, newest first. Raises AccessDenied."""
    require(actor, Operation.EVENTS_VIEW)
    events = live_events(after=after, filters=_allowed(actor, filters or LiveFilter()), limit=limit)
    if not events:
        return []
    documents = {event.pk: document_of(event) for event in events}
    people = _people(actor, documents)
    hides_names = masked(actor, Category.BEHAVIOUR)
    record_read(
        actor, action="events.watch", subjects={person.id for person in people.values()},
        categories=[] if hides_names else [Category.BEHAVIOUR], detail={"events": len(events)},
    )  # fmt: skip
    if hides_names:
        return [Arrival(event, people.get(event.pk), "") for event in events]
    return [
        Arrival(event, people.get(event.pk), event.name or event.type, _about(documents[event.pk]))
        for event in events
    ]


def may_see_content(actor: Actor) -> bool:
    """Whether the actor may see events whole."""
    return allows(actor, Operation.PAYLOADS_VIEW) and actor.categories >= frozenset(Category)


def _allowed(actor: Actor, filters: LiveFilter) -> LiveFilter:
    """A filter tells what it finds: who may not see something may not look for it either."""
    if masked(actor, Category.BEHAVIOUR):
        return replace(filters, name="", text="")
    return replace(filters, in_content=may_see_content(actor))


def _people(actor: Actor, documents: Mapping[int, dict[str, Any]]) -> dict[int, KnownPerson]:
    """The people behind these events, by the events' ids."""
    if not allows(actor, Operation.PEOPLE_VIEW):
        return {}
    ids = {key: ids_of(document) for key, document in documents.items()}
    known = people_behind(actor, ids.values())
    return {key: known[each] for key, each in ids.items() if each in known}


def _about(document: dict[str, Any]) -> str:
    """The name or the path of the page or screen that was seen."""
    properties = document.get("properties")
    if document.get("type") not in ("page", "screen") or not isinstance(properties, dict):
        return ""
    seen = document.get("event") or properties.get("path") or properties.get("name")
    return seen if isinstance(seen, str) else ""


def document_of(event: LiveEvent) -> dict[str, Any]:
    """The event in the log's form; nothing for what was not taken."""
    if event.result not in (Result.ACCEPTED, Result.SPOOLED, Result.QUARANTINED):
        return {}
    document = orjson.loads(event.raw)
    return document if isinstance(document, dict) else {}


def ids_of(document: dict[str, Any]) -> EventIds:
    """The ids that an event carries."""
    return EventIds(document.get("user_id"), document.get("anonymous_id"))
