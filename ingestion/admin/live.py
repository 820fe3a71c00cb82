"""Live: events as they arrive, filtered, paused, opened."""

import time

from django.http import HttpRequest, HttpResponse

from compliance.access import actor_of
from ingestion.admin.addresses import number
from ingestion.admin.live_filters import choices, filters_of, narrowed
from ingestion.admin.looks import Looks
from ingestion.admin.pace import Pace
from ingestion.admin.traces import OUTCOMES, STAGES, address_of
from ingestion.domain.queries.live import MOST_SOUGHT
from ingestion.domain.queries.opening import open_event
from ingestion.domain.queries.watching import follow
from ingestion.domain.traces import Step
from ingestion.domain.traces.timed import Way, way_of
from ingestion.models import LiveEvent
from streaming.event_log import event_log
from streaming.screens import render_part, render_screen

SHOWN = 100
AT_ONCE = 50  # of what is new: more in a second than anybody reads
PACE = Pace(share=0.05)


def page(request: HttpRequest) -> HttpResponse:
    """The page; a filter is posted, so that nothing that is typed stands in an address."""
    if request.method == "POST":
        return narrowed(request)
    filters = filters_of(request)
    context = {
        "title": "Live",
        "look": follow(actor_of(request), filters=filters, limit=SHOWN),
        "most_sought": MOST_SOUGHT,
        **choices(request, filters),
    }
    return render_screen(request, "ingestion/live.html", context)


def rows(request: HttpRequest) -> HttpResponse:
    """The rows that arrived since the last look, and when to look again."""
    began = time.monotonic()
    after = number(request, "after") or 0
    look = follow(actor_of(request), after=after, filters=filters_of(request), limit=AT_ONCE)
    answer = render_part(request, "ingestion/_live_look.html", {"look": look})
    answer["Retry-After"] = str(round(PACE.pause(time.monotonic() - began)))
    return answer


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


def way(request: HttpRequest, event_id: int) -> HttpResponse:
    """What became of an event so far, step by step, for its drawer; asked again for a while if more is to come."""
    looks = Looks.of(request, event_id)
    try:
        found = way_of(actor_of(request), event_id, log=event_log(), recorded=looks.recorded)
    except LiveEvent.DoesNotExist:
        found = None
    context: dict[str, object] = {"way": found and _shown(found), "event_id": event_id}
    if found and not found.is_over:
        context["pause"] = looks.pause(found.received)
        context["looks"] = looks.written([found.person] if found.person else [])
    return render_part(request, "ingestion/_live_way.html", context)


def _shown(found: Way) -> dict[str, object]:
    label, colour = OUTCOMES[found.outcome]
    steps = [(each, STAGES[each.step.stage], _elsewhere(each.step)) for each in found.steps]
    return {"label": label, "colour": colour, "steps": steps, "notes": found.notes, "is_over": found.is_over}


def _elsewhere(step: Step) -> str:
    """Where more stands of a step, other than in the event that is open already."""
    return "" if step.lead is not None and step.lead.kind == "live_event" else address_of(step)


def _gone(request: HttpRequest) -> HttpResponse:
    """That the event is no longer kept: in the drawer, or as a page."""
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_live_gone.html", {})
    return render_screen(request, "ingestion/live_gone.html", {"title": "No longer here"}, status=404)
