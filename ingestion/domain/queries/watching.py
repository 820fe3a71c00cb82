"""Arriving events with the people behind them, for whoever may watch. Each look is kept in the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
from django.utils import timezone

from compliance.access import Actor, allows, masked, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.gate import bound_to
from compliance.payloads import may_see_payloads
from ingestion.domain.masking import Mask
from ingestion.domain.people import KnownPerson, PersonIds, people_behind
from ingestion.domain.queries.live import MAX_PAGE, Left, LiveFilter, live_events, within_reach
from ingestion.domain.queries.permitted import ids_of, permitted, without_refused
from ingestion.domain.queries.settled import Span, settled
from ingestion.enums import Result
from ingestion.models import LiveEvent


@dataclass(frozen=True, slots=True)
class Arrival:
    """An arriving event, and who is behind it as far as that is known and may be seen.

    `name` and `about` (the page that was seen) are empty or pseudonyms for those who may not see behaviour.
    """

    event: LiveEvent
    person: KnownPerson | None
    name: str
    about: str = ""

    @property
    def title(self) -> str:
        """What it is called on a page: something that can be seen, for one without a name or a type too."""
        return next(filter(_can_be_seen, (self.name, self.event.type)), "No name")


def _can_be_seen(text: str) -> bool:
    return any(each.isprintable() and not each.isspace() for each in text)


class Look(NamedTuple):
    """What arrived since the last look. The next one goes on from `mark`.

    `has_more`: older events that match are left out. `left`: others were not even read, because that takes long.
    """

    arrivals: list[Arrival]
    mark: int
    has_more: bool = False
    left: Left | None = None


def follow(actor: Actor, *, after: int = 0, filters: LiveFilter | None = None, limit: int = 100) -> Look:
    """The newest events that arrived since the last look, newest first. Raises AccessDenied."""
    require(actor, Operation.EVENTS_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.EVENTS_VIEW)
    span = settled(after, now=timezone.now())
    allowed = _allowed(actor, filters or LiveFilter())
    if span.is_empty or (allowed.person and not allowed.ids):
        return Look([], span.mark)
    span, left = within_reach(span, allowed)
    arrivals = _seen(actor, span, allowed, limit + 1)
    return Look(arrivals[:limit], span.mark, has_more=len(arrivals) > limit, left=left)


def watch(actor: Actor, *, filters: LiveFilter | None = None, limit: int = 100) -> list[Arrival]:
    """The newest events, newest first. Raises AccessDenied."""
    require(actor, Operation.EVENTS_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.EVENTS_VIEW)
    allowed = _allowed(actor, filters or LiveFilter())
    if allowed.person and not allowed.ids:
        return []
    return _seen(actor, None, allowed, limit)


def _seen(actor: Actor, span: Span | None, allowed: LiveFilter, limit: int) -> list[Arrival]:
    """As far as the actor may see them; the look is recorded.

    Who is bound to purposes sees those that they may of the newest MAX_PAGE: a look goes no further back for them.
    """
    events = live_events(span=span, filters=allowed, limit=MAX_PAGE if bound_to(actor) else limit)
    documents = {event.pk: document_of(event) for event in events}
    may = permitted(actor, documents)
    events = [each for each in events if each.pk in may][:limit]
    documents = {each.pk: without_refused(actor, documents[each.pk]) for each in events}
    people = _people(actor, documents)
    if allowed.ids:
        events = [each for each in events if _is_of(people.get(each.pk), allowed.ids)]
        people = {event.pk: people[event.pk] for event in events}
    if not events:
        return []
    mask = Mask(actor)
    names = {event.pk: mask.value(Category.BEHAVIOUR, event.name or event.type) or "" for event in events}
    abouts = {
        event.pk: mask.value(Category.BEHAVIOUR, _about(documents[event.pk]) or None) or ""
        for event in events
    }
    record_read(
        actor, action="events.watch", subjects={person.id for person in people.values()},
        categories=sorted(mask.seen), detail={"events": len(events)},
    )  # fmt: skip
    return [Arrival(event, people.get(event.pk), names[event.pk], abouts[event.pk]) for event in events]


def may_see_content(actor: Actor) -> bool:
    """Whether the actor may see events whole."""
    return may_see_payloads(actor)


def _allowed(actor: Actor, filters: LiveFilter) -> LiveFilter:
    """A filter tells what it finds: who may not see something may not look for it either."""
    filters = replace(filters, seen_by=actor)
    if not allows(actor, Operation.PEOPLE_VIEW):
        filters = replace(filters, person=None, ids=None)
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


def _is_of(person: KnownPerson | None, sought: PersonIds) -> bool:
    return person is not None and person.id == sought.id


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
