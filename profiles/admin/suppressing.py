"""Suppressing a person from their page: what will be, what will not, and why."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from compliance.access import actor_of
from compliance.suppression import MOST_REASON
from profiles.admin.person import head, of_a_person
from profiles.domain.suppressing import (
    ChangedMeanwhile,
    Fate,
    Foreseen,
    NothingToSuppress,
    foresee_suppression,
    suppress_person,
)
from streaming.screens import render_screen

_SPARED = (
    (Fate.SHARED, "Shared with others, who would be silenced too"),
    (Fate.BLOCKED, "Blocked values, which identify nobody"),
    (Fate.GIVEN_AWAY, "Given to another person, who has it now"),
    (Fate.ATTACHES, "Households and groups, which have other members"),
    (Fate.ALREADY, "Suppressed already"),
)
_NO_REASON = "Say why: it is all that tells later why nothing is stored."


@of_a_person
def suppress(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """What suppressing the person would do; posted with a reason, it is done."""
    error, reason = "", ""
    if request.method == "POST":
        reason = " ".join(request.POST.get("reason", "").split())[:MOST_REASON]
        if reason:
            return _suppressed(request, profile_id, reason)
        error = _NO_REASON
    found = foresee_suppression(actor_of(request), profile_id, now=timezone.now())
    context = {
        **head(actor_of(request), found.person, tab="profile"),
        "count": found.counts.get(Fate.SUPPRESSED, 0),
        "more": found.counts.get(Fate.SUPPRESSED, 0) - len(found.shown[Fate.SUPPRESSED]),
        "suppressed": found.shown[Fate.SUPPRESSED],
        "has_devices": any(each.level == "device" for each in found.shown[Fate.SUPPRESSED]),
        "spared": _spared(found),
        "seen": found.seen,
        "error": error,
        "most": MOST_REASON,
    }
    return render_screen(request, "profiles/person_suppress.html", context, status=400 if error else 200)


def _spared(found: Foreseen) -> list[tuple[str, int, object]]:
    return [
        (words, found.counts[fate], found.shown[fate])
        for fate, words in _SPARED if found.counts.get(fate)
    ]  # fmt: skip


def _suppressed(request: HttpRequest, profile_id: UUID, reason: str) -> HttpResponse:
    actor, seen = actor_of(request), request.POST.get("seen", "")
    try:
        made = suppress_person(actor, profile_id, reason=reason, seen=seen, now=timezone.now())
    except (ChangedMeanwhile, NothingToSuppress) as refused:
        messages.warning(request, str(refused))
        return redirect("admin:person_suppress", profile_id=profile_id)
    messages.success(
        request,
        f"Suppressed by {made} identifier{'' if made == 1 else 's'}: nothing new is stored of this person. "
        "What is stored already stays until it is erased. Lift it under Suppressions.",
    )
    return redirect("admin:person", profile_id=profile_id)
