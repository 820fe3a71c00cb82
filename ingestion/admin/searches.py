"""Pages narrowed by a text that does not stand in the address: what events are called may name somebody."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from compliance.searches import keep_search, kept_search
from ingestion.admin.addresses import typed

CATALOGUE, LIVE = "catalogue", "live"  # kinds of searches: each keeps its own


def sought(request: HttpRequest, kind: str) -> str:
    """The text of the search that the address names; an empty one when there is none, or none any more."""
    return kept_search(request.session, kind, request.GET.get("find", "")) or ""


def filtered(request: HttpRequest, page: str, *filters: str, kind: str, **found: str) -> HttpResponse:
    """The page with the filters that were posted, of which the text is kept in the session, and with what was found."""
    wanted = QueryDict(mutable=True)
    for name in filters:
        if value := typed(request.POST, name):
            wanted[name] = value
    if text := typed(request.POST, "text"):
        wanted["find"] = keep_search(request.session, kind, text)
    for name, value in found.items():
        wanted[name] = value
    address = reverse(f"admin:{page}")
    return redirect(f"{address}?{wanted.urlencode()}" if wanted else address)
