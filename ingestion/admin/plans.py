"""Tracking plans: the list, and the plan of a source: drafted, inferred, published, gone back to, stopped."""

from collections.abc import Callable
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from ingestion.admin.addresses import number, typed, whole_number
from ingestion.domain.plans.document import MAX_PLAN_BYTES, POSSIBLE, Kind, Plan, PlanError
from ingestion.domain.plans.listing import plan_rows, violations
from ingestion.domain.plans.publishing import (
    differences,
    draft_from_traffic,
    go_back,
    publish,
    save_draft,
    stop,
)
from ingestion.models import PlanVersion, Source, TrackingPlan
from streaming.screens import render_screen

_KINDS = {
    Kind.MISSING: "A required property is missing",
    Kind.WRONG: "A value is wrong (type, allowed values, …)",
    Kind.UNPLANNED_KEY: "A property is not in the plan",
    Kind.UNPLANNED_EVENT: "The event is not in the plan",
}
_ACTIONS = {
    "allow": "let it be", "tag": "note it in the event", "strip": "take the property out", "quarantine": "keep the event in quarantine",
}  # fmt: skip
_VERSIONS = 20


def listing(request: HttpRequest) -> HttpResponse:
    """All sources with their plans."""
    rows = plan_rows(actor_of(request), now=timezone.now())
    return render_screen(request, "ingestion/plans.html", {"title": "Tracking plans", "rows": rows})


def plan(request: HttpRequest, source_id: int) -> HttpResponse:
    """The plan of a source; POST saves its draft, and what is wrong with it is said beside what was typed."""
    source = get_object_or_404(Source, pk=source_id)
    error, text = "", ""
    if request.method == "POST":
        text = request.POST.get("events", "")[:MAX_PLAN_BYTES]
        try:
            save_draft(source, _posted(request, text), by=actor_of(request), now=timezone.now())
        except PlanError as wrong:
            error = str(wrong)
        else:
            messages.success(request, "The draft is saved. Nothing is checked by it until you publish it.")
            return redirect("admin:plan", source_id=source.pk)
    kept = TrackingPlan.objects.filter(source=source).select_related("published").first()
    draft = Plan.from_json(kept.draft if kept else {})
    published = kept.published if kept else None
    context = {
        "title": f"Tracking plan of {source.name}",
        "source": source,
        "plan": kept,
        "published": published,
        "events": text or orjson.dumps(dict(draft.events), option=orjson.OPT_INDENT_2).decode(),
        "error": error,
        "policies": [
            (
                kind.value,
                _KINDS[kind],
                [(each.value, _ACTIONS[each], each == draft.policy[kind]) for each in POSSIBLE[kind]],
            )
            for kind in Kind
        ],
        "versions": kept.versions.all()[:_VERSIONS] if kept else [],
        "differences": differences(published.document if published else {}, draft.to_json()) if kept else [],
        **_compared(request, kept),
        "violations": violations(actor_of(request), source, now=timezone.now()),
    }
    return render_screen(request, "ingestion/plan.html", context, status=400 if error else 200)


def _compared(request: HttpRequest, plan: TrackingPlan | None) -> dict[str, Any]:
    """What would change by going back to the version that the address names."""
    version = plan.versions.filter(number=number(request, "version") or 0).first() if plan else None
    if plan is None or version is None:
        return {}
    holding = plan.published.document if plan.published else {}
    return {"compared": version, "compared_differences": differences(holding, version.document)}


def _posted(request: HttpRequest, text: str) -> dict[str, Any]:
    try:
        events = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise PlanError(f"the events are not JSON: {error}") from error
    return {
        "events": events,
        "policy": {kind.value: request.POST[kind.value] for kind in Kind if kind in request.POST},
    }


def _action(change: Callable[[HttpRequest, Source], str]) -> Callable[..., HttpResponse]:
    """A view of a change that returns what to say when it is made."""

    @require_POST
    def view(request: HttpRequest, source_id: int) -> HttpResponse:
        source = get_object_or_404(Source, pk=source_id)
        try:
            messages.success(request, change(request, source))
        except PlanError as wrong:
            messages.error(request, f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.")
        return redirect("admin:plan", source_id=source.pk)

    return view


@_action
def infer(request: HttpRequest, source: Source) -> str:
    """Make the draft from traffic."""
    drafted = draft_from_traffic(source, by=actor_of(request), now=timezone.now())
    return f"The draft has {len(drafted.draft['events'])} events of {source.name}. Look it through, then publish it."


@_action
def publish_draft(request: HttpRequest, source: Source) -> str:
    """Have the draft hold."""
    made = publish(
        get_object_or_404(TrackingPlan, source=source), note=typed(request.POST, "note", limit=300),
        by=actor_of(request), now=timezone.now(),
    )  # fmt: skip
    return f"Version {made.number} is published: events are checked by it within a second or two."


@_action
def return_to(request: HttpRequest, source: Source) -> str:
    """Have an earlier version hold."""
    kept = get_object_or_404(TrackingPlan, source=source)
    version = get_object_or_404(
        PlanVersion, plan=kept, number=whole_number(request.POST.get("version", "")) or 0
    )
    go_back(kept, version, by=actor_of(request))
    return f"Version {version.number} holds again."


@_action
def stop_checking(request: HttpRequest, source: Source) -> str:
    """Check nothing any more."""
    stop(get_object_or_404(TrackingPlan, source=source), by=actor_of(request))
    return f"Events of {source.name} are no longer checked. Versions and quarantine stay."
