"""The trace of one event by its message id."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from compliance.access import actor_of
from ingestion.admin.addresses import may_name_somebody, typed
from ingestion.domain.plans.listing import example_of
from ingestion.domain.traces import Outcome, Stage, Step, Trace, UnknownMessage, trace
from ingestion.domain.traces.tracing import MAX_MESSAGE_ID
from ingestion.models import PlanViolation
from streaming.event_log import event_log
from streaming.screens import render_screen

_PAGES = {
    "person": "admin:person",
    "rejection": "admin:rejection",
    "live_event": "admin:live_event",
    "dead_letter": "admin:dead_letter",
    "quarantined": "admin:quarantine_group",
    "import": "admin:import",
}
STAGES = {
    Stage.RECEIVED: "Received",
    Stage.CHECKED: "Checked",
    Stage.LOGGED: "In the log",
    Stage.PUT_ASIDE: "Put aside",
    Stage.APPLIED: "Person",
    Stage.LINKED: "Evidence",
    Stage.CHANGED: "Changed",
    Stage.PUBLISHED: "Published",
}
OUTCOMES = {
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
    if asked and not may_name_somebody(asked):
        return redirect("admin:trace", message_id=asked)
    if asked:
        return page(request, asked)
    return render_screen(request, "ingestion/trace_search.html", {"title": "Trace an event", "asked": ""})


def of_violation(request: HttpRequest, violation_id: int) -> HttpResponse:
    """The trace of an event that broke a rule of a plan."""
    try:
        message_id = example_of(actor_of(request), violation_id)
    except PlanViolation.DoesNotExist:
        raise Http404("this is no longer kept") from None
    return page(request, message_id)


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
    label, colour = OUTCOMES[found.outcome]
    return {
        "trace": found,
        "label": label,
        "colour": colour,
        "steps": [(step, STAGES[step.stage], address_of(step)) for step in found.steps],
    }


def address_of(step: Step) -> str:
    """Where more stands of a step; empty when nothing does, or no app brings its page."""
    if step.lead is None:
        return ""
    try:
        return reverse(_PAGES[step.lead.kind], args=[step.lead.id])
    except NoReverseMatch:
        return ""
