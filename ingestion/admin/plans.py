"""Tracking plans: the list, and the plan of a source: drafted, inferred, published, gone back to, stopped."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from ingestion.admin.addresses import typed
from ingestion.admin.edit_forms import PLAN_EVENTS, PLAN_POLICY, PLAN_PUBLISHED
from ingestion.admin.plan_form import digest_of
from ingestion.admin.plan_versions import versions_context
from ingestion.domain.plans.comparing import ACTIONS, KINDS, differences
from ingestion.domain.plans.document import (
    MAX_PLAN_BYTES,
    POSSIBLE,
    JsonObject,
    Kind,
    Plan,
    PlanError,
    split_name,
)
from ingestion.domain.plans.fields import rows_of
from ingestion.domain.plans.listing import plan_rows, violations
from ingestion.domain.plans.publishing import change_draft, draft_from_traffic, go_back, publish, stop
from ingestion.domain.plans.trying import NEWEST
from ingestion.models import PlanVersion, Source, TrackingPlan
from streaming.contracts.events import EVENT_TYPES
from streaming.editing import edits
from streaming.row_ids import row_id
from streaming.screens import render_screen


def listing(request: HttpRequest) -> HttpResponse:
    """All sources with their plans."""
    rows = plan_rows(actor_of(request), now=timezone.now())
    return render_screen(request, "ingestion/plans.html", {"title": "Tracking plans", "rows": rows})


@edits(PLAN_POLICY, PLAN_EVENTS)
def plan(request: HttpRequest, source_id: int) -> HttpResponse:
    """The plan of a source; POST saves its policy, or its draft as JSON, and says what is wrong beside what was typed."""
    source = get_object_or_404(Source, pk=source_id)
    kept = TrackingPlan.objects.filter(source=source).select_related("published").first()
    draft = Plan.from_json(kept.draft if kept else {})
    text, error = "", ""
    if request.method == "POST":
        text = request.POST.get("events", "")[:MAX_PLAN_BYTES]
        try:
            change_draft(source, partial(_posted, request), by=actor_of(request), now=timezone.now())
        except PlanError as wrong:
            error = str(wrong)
        else:
            messages.success(request, "The draft is saved. Nothing is checked by it until you publish it.")
            return redirect("admin:plan", source_id=source.pk)
    context = {
        "title": f"Tracking plan of {source.name}",
        "source": source,
        "events": text or orjson.dumps(dict(draft.events), option=orjson.OPT_INDENT_2).decode(),
        "is_expert": bool(text),
        "error": error,
        "types": sorted(EVENT_TYPES),
        "newest": NEWEST,
        **_drafted(source, kept, draft),
        **versions_context(request, kept),
        "violations": violations(actor_of(request), source, now=timezone.now()),
    }
    return render_screen(request, "ingestion/plan.html", context, status=400 if error else 200)


def _drafted(source: Source, kept: TrackingPlan | None, draft: Plan) -> dict[str, object]:
    """The draft: its events and policy, and how it differs from what holds."""
    published = kept.published if kept else None
    return {
        "plan": kept,
        "drafted": (source.pk, draft),
        "published": published,
        "planned": [_planned(name, schema) for name, schema in draft.events.items()],
        "policies": [
            (
                kind.value,
                KINDS[kind].capitalize(),
                [(each.value, ACTIONS[each], each == draft.policy[kind]) for each in POSSIBLE[kind]],
            )
            for kind in Kind
        ],
        "differences": differences(published.document if published else {}, draft.to_json()) if kept else [],
    }


def _planned(name: str, schema: dict[str, Any]) -> dict[str, object]:
    """What the list of events says of one."""
    kind, text = split_name(name)
    rows = rows_of(schema)
    strict = sum(row.action == "quarantine" for row in rows)
    required = sum(row.is_required for row in rows)
    return {
        "type": kind, "name": text, "digest": digest_of(name), "rows": len(rows), "required": required, "strict": strict,
    }  # fmt: skip


def _posted(request: HttpRequest, draft: Plan) -> JsonObject:
    """The draft with what was posted of it."""
    text = request.POST.get("events")
    try:
        events = dict(draft.events) if text is None else orjson.loads(text[:MAX_PLAN_BYTES] or "{}")
    except orjson.JSONDecodeError as error:
        raise PlanError(f"the events are not JSON: {error}") from error
    policy = {kind.value: action.value for kind, action in draft.policy.items()}
    chosen = {kind.value: request.POST[kind.value] for kind in Kind if kind in request.POST}
    return {"events": events, "policy": {**policy, **chosen}}


def _action(change: Callable[[HttpRequest, Source], str]) -> Callable[..., HttpResponse]:
    """A view of a change that returns what to say when it is made."""

    @require_POST
    def view(request: HttpRequest, source_id: int) -> HttpResponse:
        source = get_object_or_404(Source, pk=source_id)
        try:
            messages.success(request, change(request, source))
        except PlanError as wrong:
            messages.error(request, sentence(wrong))
        return redirect("admin:plan", source_id=source.pk)

    return view


@_action
def infer(request: HttpRequest, source: Source) -> str:
    """Make the draft from traffic."""
    drafted = draft_from_traffic(source, by=actor_of(request), now=timezone.now())
    return f"The draft has {len(drafted.draft['events'])} events of {source.name}. Look it through, then publish it."


@edits(PLAN_PUBLISHED)
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
    version = get_object_or_404(PlanVersion, plan=kept, number=row_id(request.POST.get("version")) or 0)
    go_back(kept, version, by=actor_of(request))
    return f"Version {version.number} holds again."


@_action
def stop_checking(request: HttpRequest, source: Source) -> str:
    """Check nothing any more."""
    stop(get_object_or_404(TrackingPlan, source=source), by=actor_of(request))
    return f"Events of {source.name} are no longer checked. Versions and quarantine stay."
