"""The page of a person."""

from collections.abc import Sequence
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from compliance.access import Actor, actor_of, allows, hidden, masked
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category, Operation
from profiles.admin.columns import columns_of
from profiles.admin.consents import Light, lights_of
from profiles.admin.days import days_of
from profiles.admin.faces import face_of
from profiles.admin.filters import CHANNELS, filters_of
from profiles.admin.panels import panels_for
from profiles.admin.values import groups_of, held_identifiers
from profiles.domain.queries import Gone, Person, UnknownPerson
from profiles.domain.queries.consent_states import consent_states
from profiles.domain.queries.overview import Overview, overview
from streaming.screens import View, render_screen

TOP_EVENTS = 6


def of_a_person(view: View) -> View:
    """The view, with an answer for ids that nobody holds, or whose person was erased."""

    @wraps(view)
    def answered(request: HttpRequest, profile_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, profile_id, *args, **kwargs)  # type: ignore[return-value]  # ours are whole answers
        except Gone:
            context = {"title": "Erased", "is_erased": True, "profile_id": profile_id}
            return render_screen(request, "profiles/nobody.html", context, status=410)
        except UnknownPerson:
            context = {"title": "Nobody has this id", "profile_id": profile_id}
            return render_screen(request, "profiles/nobody.html", context, status=404)

    return answered


@of_a_person
def person(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """The profile: traits, timeline, identifiers, facts. Any id ever given leads to the one that is live."""
    now, (filters, text) = timezone.now(), filters_of(request)
    found = overview(actor_of(request), profile_id, now=now, filters=filters, text=text)
    if found.person.id != profile_id:
        messages.info(request, f"The id {profile_id} was merged: this is who holds it now.")
        return redirect("admin:person", profile_id=found.person.id)
    context = {
        **head(actor_of(request), found.person, tab="profile"),
        **_profile(request, found, now),
        "filters": filters,
        "text": text,
    }
    return render_screen(request, "profiles/person.html", context)


def head(actor: Actor, found: Person, *, tab: str, lights: Sequence[Light] | None = None) -> dict[str, Any]:
    """What the top of each tab needs; a tab that has read the consents gives their lights."""
    face, omits = face_of(found), hidden(actor, Category.BEHAVIOUR)
    if lights is None:
        lights = [] if omits else lights_of(consent_states(actor, found.id))
    return {
        "title": face.name,
        "person": found,
        "face": face,
        "tab": tab,
        "panels": panels_for(actor),
        "lights": lights,
        "omits_behaviour": omits,
    }


def _profile(request: HttpRequest, found: Overview, now: datetime) -> dict[str, Any]:
    roles = roles_seeing()
    context = {
        "trait_count": len(found.traits),
        "groups": groups_of(found.traits, roles),
        "held": held_identifiers(found.identifiers, roles),
        "profile_id": found.person.id,
        "more_identifiers": found.identifiers.next,
    }
    return context if found.activity is None else {**context, **_behaviour(request, found, now)}


def _behaviour(request: HttpRequest, found: Overview, now: datetime) -> dict[str, Any]:
    """The timeline and the activity, for whom behaviour is not hidden from."""
    assert found.events is not None
    assert found.activity is not None
    may_name_events = not masked(actor_of(request), Category.BEHAVIOUR)
    return {
        "may_open": allows(actor_of(request), Operation.EVENTS_VIEW),
        "days": days_of(found.events.page.items, now=now, visits=found.events.visits),
        "next": found.events.page.next,
        "timeline_url": reverse("admin:person_timeline", args=[found.person.id]),
        "activity": found.activity,
        "columns": columns_of(found.activity.by_day, found.activity.since),
        "top": found.activity.by_name[:TOP_EVENTS] if may_name_events else [],
        "channels": CHANNELS,
        "names": sorted({each.name for each in found.activity.by_name}),
    }
