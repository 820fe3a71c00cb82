"""Households and groups: the list, the page of one, and the tab of a person's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from compliance.access import Actor, actor_of, category_of_namespace
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category
from profiles.admin.faces import face_of, short_id
from profiles.admin.panels import Content, Panel
from profiles.admin.values import groups_of, listed
from profiles.domain.queries import InvalidCursor
from profiles.domain.queries.household import DAYS, MOST_ADDED_UP, household_in_full
from profiles.domain.queries.household_rows import Household, HouseholdKind, UnknownHousehold
from profiles.domain.queries.households import households, households_of
from profiles.domain.queries.tabs import listed as listed_of
from streaming.screens import render_screen

SHOWN = 50
_ICONS = {HouseholdKind.GROUP: "groups", HouseholdKind.HOUSEHOLD: "home", HouseholdKind.SHARED: "link"}
_CHOICES = {
    HouseholdKind.HOUSEHOLD: "Households",
    HouseholdKind.GROUP: "Groups",
    HouseholdKind.SHARED: "Shared values",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A group, a household or a shared value as it is shown. `roles` may see its identifier, where it is masked."""

    household: Household
    name: str
    kind: str
    icon: str
    roles: str


def card_of(household: Household) -> Card:
    """What to show of it."""
    return _card(household, roles_seeing())


def cards_of(households: Sequence[Household]) -> list[Card]:
    """What to show of each; the roles are asked for once."""
    roles = roles_seeing()
    return [_card(each, roles) for each in households]


def _card(household: Household, roles: Mapping[Category, Sequence[str]]) -> Card:
    kind = kind_of(household)
    return Card(
        household,
        name=household.name or household.written or f"{kind} …{short_id(household.id)}",
        kind=kind,
        icon=_ICONS[household.kind],
        roles=listed(roles.get(category_of_namespace(household.namespace), [])),
    )


def kind_of(household: Household) -> str:
    """What it is, in words: a group, a household, a shared e-mail."""
    if household.kind is HouseholdKind.SHARED:
        return f"Shared {household.kept_as[:1].lower()}{household.kept_as[1:]}"
    return household.kind.value.capitalize()


def listing(request: HttpRequest) -> HttpResponse:
    """All of them, or those of one kind, the newest first."""
    chosen, cursor = request.GET.get("kind", ""), request.GET.get("after")
    kind = HouseholdKind(chosen) if chosen in set(HouseholdKind) else None
    try:
        page = households(actor_of(request), kind=kind, cursor=cursor, limit=SHOWN)
    except InvalidCursor:
        return redirect("admin:households")
    context = {
        "title": "Households and groups",
        "cards": cards_of(page.items),
        "kind": kind,
        "kinds": list(_CHOICES.items()),
        "next": page.next,
        "first": not cursor,
    }
    return render_screen(request, "profiles/households.html", context)


def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """One of them: its members, its own traits, and what they do together."""
    cursor = request.GET.get("after")
    try:
        found = household_in_full(
            actor_of(request), household_id, now=timezone.now(), cursor=cursor, limit=SHOWN
        )
    except UnknownHousehold as error:
        context = {"title": "No such household or group", "error": error}
        return render_screen(request, "profiles/no_household.html", context, status=404)
    except InvalidCursor:
        return redirect("admin:household", household_id=household_id)
    card = card_of(found.household)
    context = {
        "title": card.name,
        "card": card,
        "found": found,
        "groups": groups_of(found.traits, roles_seeing()),
        "members": [(each.person, face_of(each.person), each.since) for each in found.members.items],
        "days": DAYS,
        "added_up": MOST_ADDED_UP,
        "next": found.members.next,
        "first": not cursor,
    }
    return render_screen(request, "profiles/household.html", context)


def _read(actor: Actor, profile_id: UUID, cursor: str | None) -> Content:
    found = listed_of(actor, profile_id, households_of, cursor=cursor)
    return Content(found.person, {"cards": cards_of(found.page.items)}, found.page.next)


HOUSEHOLDS = Panel("households", "Households", 35, "profiles/person_households.html", _read)
