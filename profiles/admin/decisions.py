"""Deciding on the page of a person: withdraw a link, split off an identifier, merge with somebody, keep apart."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import Actor, actor_of
from profiles.admin.faces import face_of
from profiles.admin.person import head, of_a_person
from profiles.domain.decisions import (
    AlreadyDecided,
    Busy,
    Decided,
    Foreseen,
    Undecidable,
    UnknownLink,
    foresee_split,
    foresee_withdrawal,
    keep_apart,
    merge,
    split_off,
    withdraw,
)
from profiles.domain.queries import UnknownPerson
from profiles.domain.queries.pairs import two_people
from streaming.row_ids import row_id
from streaming.screens import render_screen

MAX_WHY = 200
CANNOT = (AlreadyDecided, Busy, Undecidable, UnknownLink)


@of_a_person
def unmerge(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """What withdrawing a link or splitting off an identifier would do; posted, it is done."""
    given = request.POST if request.method == "POST" else request.GET
    link, identifier = row_id(given.get("link")), row_id(given.get("identifier"))
    if (link is None) == (identifier is None):
        raise Http404("name a link or an identifier")
    try:
        if request.method == "POST":
            return _unmerged(request, profile_id, link, identifier)
        found = _foreseen(actor_of(request), profile_id, link, identifier)
    except CANNOT as error:
        messages.warning(request, str(error))
        return redirect("admin:person_why", profile_id=profile_id)
    context = {
        **head(actor_of(request), found.person, tab="why"),
        "foreseen": found,
        "link": link,
        "identifier": identifier,
    }
    return render_screen(request, "profiles/unmerge.html", context)


def _foreseen(actor: Actor, profile_id: UUID, link: int | None, identifier: int | None) -> Foreseen:
    if link is not None:
        return foresee_withdrawal(actor, profile_id, [link], now=timezone.now())
    assert identifier is not None
    return foresee_split(actor, profile_id, identifier, now=timezone.now())


def _unmerged(
    request: HttpRequest, profile_id: UUID, link: int | None, identifier: int | None
) -> HttpResponse:
    actor, why, now = actor_of(request), request.POST.get("why", "")[:MAX_WHY], timezone.now()
    if link is not None:
        decided = withdraw(actor, profile_id, [link], why=why, now=now)
    else:
        assert identifier is not None
        decided = split_off(actor, profile_id, identifier, why=why, now=now)
    tell(request, decided)
    return redirect("admin:person_why" if decided.still_one else "admin:person_merges", profile_id=profile_id)


def tell(request: HttpRequest, decided: Decided) -> None:
    """Say what a withdrawal brought about."""
    if decided.deferred:
        messages.info(
            request,
            "Withdrawn. So much hangs together here that it is decided in the background: look again shortly.",
        )
    elif decided.because:
        messages.warning(
            request,
            "Withdrawn, but they are still one person: other links hold them together, which are listed here.",
        )
    elif len(decided.profiles) > 1:
        messages.success(request, "Done: they are different people now, and stay so whatever else is seen.")
    else:
        messages.success(request, "Withdrawn.")


@of_a_person
def together(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """This person and another one by id, to be merged or kept apart."""
    other = _id(request.GET.get("with", ""))
    try:
        people = two_people(actor_of(request), profile_id, other)
    except UnknownPerson:
        messages.warning(request, "No person has this id: copy it from the page of the other one.")
        return redirect("admin:person_together", profile_id=profile_id)
    first, second = people
    context = {
        **head(actor_of(request), first, tab="merges"),
        "other": second,
        "other_face": face_of(second) if second else None,
        "is_same": second is not None and second.id == first.id,
    }
    return render_screen(request, "profiles/together.html", context)


@require_POST
@of_a_person
def decide_together(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Merge the two, or keep them apart."""
    other, why = _id(request.POST.get("with", "")), request.POST.get("why", "")[:MAX_WHY]
    decide, done = _DECISIONS.get(request.POST.get("decision", ""), (None, ""))
    if other is None or decide is None:
        raise Http404("name the other person and a decision")
    try:
        decide(actor_of(request), profile_id, other, why=why, now=timezone.now())
        messages.success(request, done)
    except CANNOT as error:
        messages.warning(request, str(error))
    return redirect("admin:person_merges", profile_id=profile_id)


_DECISIONS: dict[str, tuple[Callable[..., Decided], str]] = {
    "merge": (merge, "Merged: the two are one person now. To take it back, withdraw the link that says so."),
    "apart": (keep_apart, "Kept apart: the two will never become one person by themselves."),
}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
