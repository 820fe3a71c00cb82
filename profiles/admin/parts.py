"""Parts of a person's page that are fetched while one reads it."""

from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from compliance.access import actor_of, allows
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category, Operation
from profiles.admin.days import days_of
from profiles.admin.filters import address_of, filters_of
from profiles.admin.households import cards_of
from profiles.admin.person import of_a_person
from profiles.admin.values import held_identifiers, listed, pretty, shown_trait
from profiles.domain.queries import InvalidCursor, trait_history
from profiles.domain.queries import identifiers as identifiers_of
from profiles.domain.queries.event import UnknownEvent
from profiles.domain.queries.event import event as event_in_full
from profiles.domain.queries.households import households_of
from profiles.domain.queries.timeline_visits import folded_timeline
from streaming.screens import render_part

HOUSEHOLDS_SHOWN = 4


@of_a_person
def timeline(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """The first or a further page of the timeline; posted, because a text to search for is no part of an address."""
    filters, text = filters_of(request)
    cursor = request.POST.get("cursor") or None
    try:
        found = folded_timeline(actor_of(request), profile_id, text=text, cursor=cursor, filters=filters)
    except InvalidCursor as error:
        raise Http404(str(error)) from error
    context = {
        "days": days_of(
            found.page.items,
            now=timezone.now(),
            begun=request.POST.get("day", "") if cursor else "",
            visits=found.visits,
        ),
        "next": found.page.next,
        "filters": filters,
        "text": text,
        "may_open": allows(actor_of(request), Operation.EVENTS_VIEW),
        "is_further": cursor is not None,
        "profile_id": profile_id,
        "timeline_url": request.path,
    }
    answer = render(request, "profiles/_timeline.html", context)
    if cursor is None:
        answer["HX-Replace-Url"] = address_of(reverse("admin:person", args=[profile_id]), filters)
    return answer


@of_a_person
def event(request: HttpRequest, profile_id: UUID, event_id: int) -> HttpResponse:
    """An event in full: content, times, evidence."""
    try:
        found = event_in_full(
            actor_of(request), profile_id, event_id=event_id, timestamp=_moment(request.GET.get("at", ""))
        )
    except UnknownEvent as error:
        return render(request, "profiles/_event_gone.html", {"error": error})
    documents = [
        ("Properties", found.item.properties),
        ("Traits", found.item.traits),
        ("Context", found.item.context),
    ]
    context = {
        "event": found,
        "item": found.item,
        "may_see_source": found.item.source_id and allows(actor_of(request), Operation.SOURCES_VIEW),
        "documents": [(title, pretty(document)) for title, document in documents if document],
    }
    return render(request, "profiles/_event.html", context)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text) if len(text) <= 40 else None  # noqa: PLR2004 -- longer than any ISO time
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)  # PostgreSQL does not know every offset that Python does
    except (ValueError, OverflowError):
        pass
    raise Http404("the time of an event is written in ISO 8601 with its zone")


@of_a_person
def trait(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """The values of one trait that sources gave, newest first."""
    versions = trait_history(actor_of(request), profile_id, request.GET.get("key", ""))
    category = versions[0].category if versions else Category.UNCLASSIFIED
    context = {
        "versions": [shown_trait(each) for each in versions],
        "roles": listed(roles_seeing()[category]),
    }
    return render(request, "profiles/_trait_history.html", context)


@of_a_person
def households(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """The first of the households and groups of the person, for the side column."""
    page = households_of(actor_of(request), profile_id, limit=HOUSEHOLDS_SHOWN)
    context = {"cards": cards_of(page.items), "has_more": page.next is not None, "profile_id": profile_id}
    return render_part(request, "profiles/_beside.html", context)


@of_a_person
def identifiers(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Further identifiers."""
    try:
        page = identifiers_of(actor_of(request), profile_id, cursor=request.GET.get("after"))
    except InvalidCursor as error:
        raise Http404(str(error)) from error
    context = {
        "held": held_identifiers(page, roles_seeing()),
        "more_identifiers": page.next,
        "profile_id": profile_id,
    }
    return render_part(request, "profiles/_identifiers.html", context)
