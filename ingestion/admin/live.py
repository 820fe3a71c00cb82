"""Live: events as they arrive, filtered, paused, opened."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from compliance.access import actor_of
from ingestion.admin.addresses import looks_like_contact, number, typed
from ingestion.domain.queries import LiveFilter
from ingestion.domain.queries.opening import open_event
from ingestion.domain.queries.watching import watch
from ingestion.enums import Result
from ingestion.models import LiveEvent, Source
from streaming.contracts.events import EVENT_TYPES
from streaming.screens import render_part, render_screen

SHOWN = 100
FILTERS = ("source", "type", "result", "text")


def page(request: HttpRequest) -> HttpResponse:
    """The page; a filter is posted, so that what is typed is checked before it stands in an address."""
    if request.method == "POST":
        return _filtered(request)
    filters = _filters(request)
    arrivals = watch(actor_of(request), filters=filters, limit=SHOWN)
    context = {
        "title": "Live",
        "arrivals": arrivals,
        "newest": arrivals[0].event.pk if arrivals else 0,
        "filters": filters,
        "is_filtered": filters != LiveFilter(),
        "sources": Source.objects.all(),
        "types": sorted(EVENT_TYPES),
        "results": Result.choices,
    }
    return render_screen(request, "ingestion/live.html", context)


def rows(request: HttpRequest) -> HttpResponse:
    """The rows that arrived since the newest one that is shown."""
    after = number(request, "after") or 0
    arrivals = watch(actor_of(request), after=after, filters=_filters(request), limit=SHOWN)
    return render_part(request, "ingestion/_live_rows.html", {"arrivals": arrivals, "is_new": True})


def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: a part of the page when the page asks, else a page of its own."""
    try:
        opened = open_event(actor_of(request), event_id)
    except LiveEvent.DoesNotExist:
        return _gone(request)
    context = {"title": opened.name, "opened": opened}
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_opened.html", context)
    return render_screen(request, "ingestion/live_event.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    """That the event is no longer kept: in the drawer, or as a page."""
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_live_gone.html", {})
    return render_screen(request, "ingestion/live_gone.html", {"title": "No longer here"}, status=404)


def _filters(request: HttpRequest) -> LiveFilter:
    result, kind = request.GET.get("result", ""), request.GET.get("type", "")
    return LiveFilter(
        source_id=number(request, "source"),
        type=kind if kind in EVENT_TYPES else "",
        name=typed(request.GET, "name"),
        result=result if result in Result.values else "",
        text=typed(request.GET, "text"),
    )


def _filtered(request: HttpRequest) -> HttpResponse:
    wanted = QueryDict(mutable=True)
    for name in FILTERS:
        value = typed(request.POST, name)
        if name == "text" and looks_like_contact(value):
            messages.warning(
                request,
                "Look for e-mail addresses and phone numbers under People: they never stand in an address.",
            )
        elif value:
            wanted[name] = value
    address = reverse("admin:live")
    return redirect(f"{address}?{wanted.urlencode()}" if wanted else address)
