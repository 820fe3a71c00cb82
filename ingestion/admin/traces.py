"""The trace of one event by its message id."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from compliance.access import actor_of
from ingestion.admin.addresses import looks_like_address, typed
from ingestion.domain.traces import Outcome, Stage, Step, Trace, UnknownMessage, trace
from ingestion.domain.traces.tracing import MAX_MESSAGE_ID
from streaming.event_log import event_log
from streaming.screens import render_screen

_PAGES = {
    "person": "admin:person",
    "rejection": "admin:rejection",
    "live_event": "admin:live_event",
    "dead_letter": "admin:dead_letter",
    "import": "admin:import",
}
_STAGES = {
    Stage.RECEIVED: "Received",
    Stage.CHECKED: "Checked",
    Stage.LOGGED: "In the log",
    Stage.PUT_ASIDE: "Put aside",
    Stage.APPLIED: "Person",
    Stage.LINKED: "Evidence",
    Stage.CHANGED: "Changed",
    Stage.PUBLISHED: "Published",
}
_OUTCOMES = {
    Outcome.APPLIED: ("Applied", "good"),
    Outcome.DEAD_LETTER: ("Put aside", "bad"),
    Outcome.QUARANTINED: ("In quarantine", "warn"),
    Outcome.SUPPRESSED: ("Suppressed", "warn"),
    Outcome.WAITING: ("Waiting for the profile builder", "info"),
    Outcome.REJECTED: ("Rejected", "bad"),
}


def search(request: HttpRequest) -> HttpResponse:
    """Where one asks after a message id. It is posted, so that one that names somebody never stands in an address."""
    asked = typed(request.POST, "message", limit=MAX_MESSAGE_ID)
    if asked and not looks_like_address(asked):
        return redirect("admin:trace", message_id=asked)
    if asked:
        return page(request, asked)
    return render_screen(request, "ingestion/trace_search.html", {"title": "Trace an event", "asked": ""})


def page(request: HttpRequest, message_id: str) -> HttpResponse:
    """The way of each message with this id."""
    context = {"title": "Trace of an event", "asked": message_id}
    try:
        found = trace(actor_of(request), message_id, log=event_log())
    except UnknownMessage as unknown:
        context["unknown"] = str(unknown)
        return render_screen(request, "ingestion/trace_search.html", context)
    return render_screen(
        request, "ingestion/trace.html", {**context, "traces": [_shown(each) for each in found]}
    )


def _shown(found: Trace) -> dict[str, object]:
    label, colour = _OUTCOMES[found.outcome]
    return {
        "trace": found,
        "label": label,
        "colour": colour,
        "steps": [(step, _STAGES[step.stage], _address(step)) for step in found.steps],
    }


def _address(step: Step) -> str:
    if step.lead is None:
        return ""
    try:
        return reverse(_PAGES[step.lead.kind], args=[step.lead.id])
    except NoReverseMatch:
        return ""
