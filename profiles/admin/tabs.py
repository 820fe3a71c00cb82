"""The further tabs of a person's page: why one person, merges, who looked, and those that others bring."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from compliance.access import actor_of
from profiles.admin.panels import panel_named
from profiles.admin.person import head, of_a_person
from profiles.admin.visits import visits_of
from profiles.domain.queries import InvalidCursor
from profiles.domain.queries.tabs import accesses, history, reasons
from streaming.screens import render_screen


@of_a_person
def why(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """The evidence that makes these identifiers one person, and what was refused."""
    found = reasons(actor_of(request), profile_id)
    context = {**head(actor_of(request), found.person, tab="why"), "explanation": found.explanation}
    return render_screen(request, "profiles/why.html", context)


@of_a_person
def merges(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Each time that people became one, or were taken apart."""
    cursor = request.GET.get("after")
    try:
        found = history(actor_of(request), profile_id, cursor=cursor)
    except InvalidCursor:
        return redirect("admin:person_merges", profile_id=profile_id)
    context = {
        **head(actor_of(request), found.person, tab="merges"),
        "changes": found.page.items,
        "handovers": found.handovers,
        "next": found.page.next,
        "first": not cursor,
    }
    return render_screen(request, "profiles/merges.html", context)


@of_a_person
def access(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Who looked at this person, and at what."""
    before = request.GET.get("before", "")
    known = int(before) if before.isdecimal() and len(before) < 19 else None  # noqa: PLR2004 -- fits a bigint
    found = accesses(actor_of(request), profile_id, before=known)
    context = {
        **head(actor_of(request), found.person, tab="access"),
        "visits": visits_of(found.entries),
        "next": found.next,
        "first": known is None,
    }
    return render_screen(request, "profiles/access.html", context)


@of_a_person
def panel(request: HttpRequest, profile_id: UUID, key: str) -> HttpResponse:
    """A tab that was brought (see profiles.admin.panels)."""
    known = panel_named(key)
    if known is None:
        raise Http404("there is no such tab")
    cursor = request.GET.get("after")
    try:
        found = known.read(actor_of(request), profile_id, cursor)
    except InvalidCursor:
        return redirect("admin:person_panel", profile_id=profile_id, key=key)
    context = {
        **head(actor_of(request), found.person, tab=key, lights=found.context.get("lights")),
        **found.context,
        "next": found.next,
        "first": not cursor,
    }
    return render_screen(request, known.template, context)
