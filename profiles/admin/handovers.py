"""Saying on the page of a person that an identifier was given to another one."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from profiles.admin.decisions import CANNOT, MAX_WHY
from profiles.admin.person import head, of_a_person
from profiles.domain.handovers import Given, UnknownHandover, foresee_hand_over, hand_over, take_back
from profiles.domain.handovers.foreseeing import chosen_identifier
from profiles.domain.rules.applying import RulesBusy
from streaming.row_ids import row_id
from streaming.screens import render_screen

_CANNOT = (*CANNOT, RulesBusy, UnknownHandover)


@of_a_person
def handover(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Ask for the day, then show what giving the identifier away would do; posted, it is done."""
    given = request.POST if request.method == "POST" else request.GET
    identifier = row_id(given.get("identifier"))
    if identifier is None:
        raise Http404("name an identifier")
    day = _day(given.get("day", ""))
    actor, now = actor_of(request), timezone.now()
    try:
        if request.method == "POST" and day is not None:
            why = request.POST.get("why", "")[:MAX_WHY]
            _tell(request, hand_over(actor, identifier, day, why=why, now=now))
            return redirect("admin:person_merges", profile_id=profile_id)
        if day is None:
            person, shown = chosen_identifier(actor, profile_id, identifier)
            context = {
                **head(actor_of(request), person, tab="profile"),
                "shown": shown,
                "identifier": identifier,
                "today": now.date(),
            }
            return render_screen(request, "profiles/handover.html", context)
        found = foresee_hand_over(actor, profile_id, identifier, day, now=now)
    except _CANNOT as error:
        messages.warning(request, str(error))
        return redirect("admin:person", profile_id=profile_id)
    context = {
        **head(actor_of(request), found.person, tab="profile"),
        "foreseen": found,
        "shown": found.identifier,
        "identifier": identifier,
        "today": now.date(),
    }
    return render_screen(request, "profiles/handover.html", context)


@require_POST
@of_a_person
def taken_back(request: HttpRequest, profile_id: UUID, handover_id: int) -> HttpResponse:
    """Have the identifier be the former holder's again."""
    try:
        given = take_back(actor_of(request), handover_id, now=timezone.now())
        later = " What was stored follows in the background." if given.decided.deferred else ""
        messages.success(request, f"Taken back: it is as if it had never been given to anybody.{later}")
    except _CANNOT as error:
        messages.warning(request, str(error))
    return redirect("admin:person_merges", profile_id=profile_id)


def _tell(request: HttpRequest, given: Given) -> None:
    if given.decided.deferred:
        messages.info(
            request, "Done for new events. What was stored follows in the background, within minutes."
        )
    elif len(given.decided.profiles) > 1:
        messages.success(
            request, "Done: the former and the new holder are two people now, each with their own."
        )
    else:
        messages.success(
            request, "Done. The new holder has not been seen yet: they appear with their first event."
        )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
