"""People: whom a search finds, or who came last."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from compliance.access import actor_of, category_of_namespace, hidden, masked
from compliance.enums import Category
from compliance.rates.pages import costs
from compliance.searches import keep_search, kept_search
from compliance.sources import sees_all_sources
from profiles.admin.faces import face_of
from profiles.admin.households import card_of
from profiles.domain.queries import InvalidCursor, TooBroad
from profiles.domain.queries.listing import Listing, listing, only_one
from streaming.screens import render_screen

SHOWN = 50
MAX_TEXT = 320  # characters; the longest e-mail address
NOTHING = Listing.nobody()
_SEARCHES = "people"


@costs("search")
def people(request: HttpRequest) -> HttpResponse:
    """The list. A search is posted and kept in the session: its address is an opaque id."""
    if request.method == "POST":
        return _searched(request)
    name = request.GET.get("search", "")
    text = kept_search(request.session, _SEARCHES, name) if name else ""
    if text is None:
        messages.warning(request, "That search is not kept any more; type it again.")
        return redirect("admin:people")
    cursor = request.GET.get("after")
    found, problem = _found(request, text, cursor)
    context = {
        "title": "People",
        "text": text,
        "problem": problem,
        "rows": [(each, face_of(each), found.events.get(each.row, 0)) for each in found.page.items],
        "household": card_of(found.household) if found.household else None,
        "next": found.page.next,
        "first": not cursor,
        "hides_contact": masked(actor_of(request), category_of_namespace("email")),
        "omits_behaviour": hidden(actor_of(request), Category.BEHAVIOUR)
        or not sees_all_sources(actor_of(request)),
    }
    return render_screen(request, "profiles/people.html", context)


def _searched(request: HttpRequest) -> HttpResponse:
    """Lead to the one person that was meant, else to the list of those who may be."""
    text = " ".join(request.POST.get("q", "").split())[:MAX_TEXT]
    if not text:
        return redirect("admin:people")
    if alone := only_one(actor_of(request), text):
        return redirect("admin:person", profile_id=alone)
    return redirect(f"{reverse('admin:people')}?search={keep_search(request.session, _SEARCHES, text)}")


def _found(request: HttpRequest, text: str, cursor: str | None) -> tuple[Listing, Any]:
    try:
        return listing(actor_of(request), text=text, cursor=cursor, limit=SHOWN), None
    except TooBroad as error:
        return NOTHING, error
    except InvalidCursor:
        return listing(actor_of(request), text=text, limit=SHOWN), None
