"""The review queue: pairs of people, worked off by keyboard."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from profiles.admin.days import days_of
from profiles.admin.faces import Face, face_of, words_of
from profiles.admin.values import text_of
from profiles.domain.decisions import (
    AlreadyDecided,
    Busy,
    Undecidable,
    UnknownReview,
    decide,
    foresee_merge,
    undo,
)
from profiles.domain.queries import InvalidCursor
from profiles.domain.queries.passing_on import passed_on
from profiles.domain.queries.reviews import Compared, NoLongerTwo, PairInFull, Side, review_pair, review_queue
from profiles.domain.queries.shown import Person
from profiles.enums import ReviewDecision
from streaming.screens import render_part, render_screen

SHOWN = 50
CANNOT = (AlreadyDecided, Busy, Undecidable)
_LAST = "last_review"  # in the session: what `u` takes back
_KEYS = (
    ("j", "Next pair"),
    ("k", "Previous pair"),
    ("o", "Open the pair"),
    ("m", "Merge the two"),
    ("a", "Keep them apart for ever"),
    ("l", "Later"),
    ("u", "Take back the last decision"),
)
_DONE = {
    ReviewDecision.MERGED: "Merged: the two are one person now.",
    ReviewDecision.APART: "Kept apart: the two will never become one person by themselves.",
    ReviewDecision.LATER: "Put off: the two come again in a week, or when new evidence connects them.",
}
_SAID = {
    ReviewDecision.MERGED: "merged them",
    ReviewDecision.APART: "keeps them apart",
    ReviewDecision.LATER: "put them off",
}


@dataclass(frozen=True, slots=True)
class ShownTrait:
    """A trait of both; `texts` are their values, None where one has none, empty where it is masked."""

    label: str
    compared: Compared
    texts: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class ShownSide:
    """One of the two as a column."""

    person: Person
    face: Face
    days: list[Any]
    survives: bool


def queue(request: HttpRequest) -> HttpResponse:
    """The pairs that wait, those that waited longest first."""
    cursor = request.GET.get("after")
    try:
        page = review_queue(actor_of(request), now=timezone.now(), cursor=cursor, limit=SHOWN)
    except InvalidCursor:
        return redirect("admin:reviews")
    context = {
        "title": "Review queue",
        "pairs": [(each, [face_of(person) for person in each.people]) for each in page.items],
        "next": page.next,
        "first": not cursor,
        **_keyboard(request),
    }
    return render_screen(request, "profiles/reviews.html", context)


def pair(request: HttpRequest, review_id: int) -> HttpResponse:
    """Two people side by side."""
    try:
        found = review_pair(actor_of(request), review_id, now=timezone.now())
    except UnknownReview as error:
        raise Http404(str(error)) from error
    except NoLongerTwo as error:
        messages.info(request, str(error))
        return redirect("admin:reviews")
    context = {
        "title": "Are these two one person?",
        "pair": found,
        "passed_on": passed_on(found),
        "sides": [_shown_side(side, found, number) for number, side in enumerate(found.sides)],
        "traits": [_shown_trait(each) for each in found.traits],
        "differences": sum(each.is_different for each in found.traits),
        "said": _SAID[ReviewDecision(found.decided.decision)] if found.decided else "",
        **_keyboard(request),
    }
    return render_screen(request, "profiles/review.html", context)


def foreseen(request: HttpRequest, review_id: int) -> HttpResponse:
    """The part of the page that says what a merge would do."""
    try:
        parts, problem = foresee_merge(actor_of(request), review_id, now=timezone.now()), ""
    except (*CANNOT, UnknownReview) as error:
        parts, problem = [], str(error)
    return render_part(request, "profiles/_foreseen_merge.html", {"parts": parts, "problem": problem})


@require_POST
def decided(request: HttpRequest, review_id: int) -> HttpResponse:
    """Keep the decision and go on with the next pair."""
    try:
        decision = ReviewDecision(request.POST.get("decision", ""))
    except ValueError as error:
        raise Http404("there is no such decision") from error
    try:
        decide(actor_of(request), review_id, decision, note=request.POST.get("note", ""), now=timezone.now())
    except UnknownReview as error:
        raise Http404(str(error)) from error
    except CANNOT as error:
        messages.warning(request, str(error))
    else:
        request.session[_LAST] = review_id
        messages.success(request, _DONE[decision])
    return _onwards(request)


@require_POST
def taken_back(request: HttpRequest, review_id: int) -> HttpResponse:
    """Have the pair wait again."""
    request.session.pop(_LAST, None)
    try:
        undo(actor_of(request), review_id, now=timezone.now())
    except UnknownReview as error:
        raise Http404(str(error)) from error
    except CANNOT as error:
        messages.warning(request, str(error))
        return redirect("admin:reviews")
    messages.success(request, "Taken back: the two wait for review again.")
    return redirect("admin:review", review_id=review_id)


def _onwards(request: HttpRequest) -> HttpResponse:
    """To the pair that comes next, where the form says which that is."""
    following = request.POST.get("next", "")
    if following.isascii() and following.isdigit() and len(following) < 19:  # noqa: PLR2004 -- fits a bigint
        return redirect("admin:review", review_id=int(following))
    return redirect("admin:reviews")


def _keyboard(request: HttpRequest) -> dict[str, Any]:
    return {"page_keys": _KEYS, "last": request.session.get(_LAST)}


def _shown_side(side: Side, found: PairInFull, number: int) -> ShownSide:
    days = days_of(side.events, now=timezone.now())
    return ShownSide(side.person, face_of(side.person), days, survives=found.survivor == number)


def _shown_trait(compared: Compared) -> ShownTrait:
    first, second = (
        None if trait is None else "" if trait.is_masked else text_of(trait.value) or "(empty)"
        for trait in compared.values
    )
    return ShownTrait(words_of(compared.key), compared, (first, second))
