"""What narrows the live page: its state stands in the address, without any word that could name somebody."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.access import Actor, actor_of, allows, masked
from compliance.enums import Category, Operation
from compliance.sources import of_sources
from ingestion.admin.addresses import number, typed
from ingestion.admin.searches import LIVE, filtered, sought
from ingestion.domain.people import (
    EventIds,
    PersonIds,
    SeveralPeople,
    ids_of_person,
    people_behind,
    person_named,
)
from ingestion.domain.queries import LiveFilter
from ingestion.domain.queries.live import arrived_at
from ingestion.domain.queries.watching import may_see_content
from ingestion.enums import Result
from ingestion.models import CatalogueEvent, Source
from streaming.contracts.events import EVENT_TYPES

FILTERS = ("minutes", "source", "type", "event", "result", "person")
MINUTES = ((1, "Last minute"), (5, "Last 5 minutes"), (10, "Last 10 minutes"))
AROUND = timedelta(seconds=10)
MOST_NAMES = 200


def filters_of(request: HttpRequest) -> LiveFilter:
    """What the address asks for; what it says wrongly asks for nothing."""
    result, kind = request.GET.get("result", ""), request.GET.get("type", "")
    event = number(request, "event")
    known = CatalogueEvent.objects.filter(pk=event).first() if event else None
    if known is not None:
        kind = known.type
    since, until = _span(request)
    person = _uuid(request.GET.get("person", ""))
    return LiveFilter(
        source_id=number(request, "source"),
        type=kind if kind in EVENT_TYPES else "",
        name=known.name if known is not None and kind == "track" else typed(request.GET, "name"),
        result=result if result in Result.values else "",
        text=sought(request, LIVE),
        since=since, until=until, before=number(request, "before"),
        person=person, ids=_ids(actor_of(request), person),
    )  # fmt: skip


def choices(request: HttpRequest, filters: LiveFilter) -> dict[str, object]:
    """What the filter bar shows: what there is to choose, and what is chosen."""
    actor = actor_of(request)
    return {
        "filters": filters,
        "is_filtered": filters != LiveFilter(),
        "sources": of_sources(actor, Source.objects.all(), "pk"),
        "types": sorted(EVENT_TYPES),
        "names": [] if masked(actor, Category.BEHAVIOUR) else _names(),
        "results": Result.choices,
        "spans": MINUTES,
        "minutes": number(request, "minutes"),
        "event_id": number(request, "event"),
        "around": number(request, "around"),
        "only": _person(actor, filters),
        "seeks_content": may_see_content(actor),
        "may_seek": allows(actor, Operation.PEOPLE_SEARCH) and allows(actor, Operation.PEOPLE_VIEW),
    }


def narrowed(request: HttpRequest) -> HttpResponse:
    """To the address of the filter that was posted."""
    return filtered(request, "live", *FILTERS, kind=LIVE, **_person_sought(request))


def _person_sought(request: HttpRequest) -> dict[str, str]:
    if not (text := typed(request.POST, "who")):
        return {}
    try:
        found = person_named(actor_of(request), text)
    except SeveralPeople as several:
        messages.warning(request, str(several))
        return {}
    if found is None:
        messages.warning(request, "Nobody was found by that. Say a name, an id or an e-mail address.")
        return {}
    return {"person": str(found.id)}


def _span(request: HttpRequest) -> tuple[datetime | None, datetime | None]:
    event = number(request, "around")
    if event and (around := arrived_at(event)) is not None:
        return around - AROUND, around + AROUND
    minutes = number(request, "minutes")
    if minutes in dict(MINUTES):
        return timezone.now() - timedelta(minutes=minutes), None
    return None, None


def _ids(actor: Actor, person: UUID | None) -> PersonIds | None:
    return ids_of_person(actor, person) if person and allows(actor, Operation.PEOPLE_VIEW) else None


def _person(actor: Actor, filters: LiveFilter) -> dict[str, object] | None:
    """Whose events alone show: with the name, as far as it may be seen."""
    ids = filters.ids
    if filters.person is None or not allows(actor, Operation.PEOPLE_VIEW):
        return None
    asked = [EventIds(each, None) for each in ids.user_ids] if ids else []
    asked += [EventIds(None, each) for each in ids.anonymous_ids] if ids else []
    known = next((each for each in people_behind(actor, asked).values() if ids and each.id == ids.id), None)
    return {"id": filters.person, "name": known.name if known else "", "is_known": ids is not None}


def _names() -> list[CatalogueEvent]:
    """What tracks are called, by name; of very many those that came last."""
    newest = CatalogueEvent.objects.filter(type="track").order_by("-last_seen_at")[:MOST_NAMES]
    return sorted(newest, key=lambda each: each.name.casefold())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
