"""One event of the draft of a plan: a form of rows, the same as JSON Schema, and what it would do to the newest events."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of, allows
from compliance.enums import Operation
from compliance.wording import sentence
from ingestion.admin.addresses import typed
from ingestion.admin.edit_forms import PLAN_EVENT, DraftedEvent
from ingestion.admin.plan_form import action_choices, digest_of, event_of, posted_rows, type_choices
from ingestion.domain.plans.document import MAX_SCHEMA_BYTES, JsonObject, Plan, PlanError
from ingestion.domain.plans.fields import FieldRow, rows_of, with_rows
from ingestion.domain.plans.publishing import change_draft
from ingestion.domain.plans.trying import NEWEST, try_plan
from ingestion.models import Source, TrackingPlan
from streaming.contracts.events import EVENT_TYPES
from streaming.contracts.log import LogError
from streaming.editing import edits
from streaming.event_log import event_log
from streaming.screens import render_part, render_screen


@edits(PLAN_EVENT)
def event(request: HttpRequest, source_id: int, digest: str) -> HttpResponse:
    """The form; POST saves it into the draft, or says what is wrong beside what was filled in."""
    source, draft = _draft(source_id)
    name = _event(draft, digest)
    rows, schema, error = rows_of(draft.events[name]), draft.events[name], ""
    if request.method == "POST":
        rows = rows if "schema" in request.POST else posted_rows(request.POST)
        try:
            schema = _schema(request, draft.events[name])
            _change(request, source, partial(_with_event, request, name))
        except PlanError as wrong:
            error = str(wrong)
        else:
            messages.success(
                request, f"The draft is saved. {_kind(name)} is checked by it when you publish it."
            )
            return redirect("admin:plan", source_id=source.pk)
    drafted = DraftedEvent(source.pk, digest, draft.events[name])
    context = {
        "title": _kind(name), "drafted": drafted, "source": source, "name": name, "digest": digest, "rows": _shown(rows),
        "blank": _shown([FieldRow("")])[0], "error": error, "newest": NEWEST,
        "schema": request.POST.get("schema") or orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode(),
        "is_expert": "schema" in request.POST, "may_edit": allows(actor_of(request), Operation.SOURCES_MANAGE),
    }  # fmt: skip
    return render_screen(request, "ingestion/plan_event.html", context, status=400 if error else 200)


@require_POST
def add(request: HttpRequest, source_id: int) -> HttpResponse:
    """Plan one more event, and open its form."""
    source, draft = _draft(source_id)
    kind, text = request.POST.get("type", "track"), typed(request.POST, "event")
    name = f"track:{text}" if kind == "track" else f"{kind}:{kind}"
    if kind not in EVENT_TYPES or (kind == "track" and not text):
        messages.error(request, "A track needs the name of what happened, such as Order Completed.")
        return redirect("admin:plan", source_id=source.pk)
    if name not in draft.events:
        try:
            blank: JsonObject = {"type": "object", "properties": {}}
            _change(request, source, lambda events: {**events, name: events.get(name, blank)})
        except PlanError as wrong:
            messages.error(request, sentence(wrong))
            return redirect("admin:plan", source_id=source.pk)
    return redirect("admin:plan_event", source_id=source.pk, digest=digest_of(name))


@require_POST
def remove(request: HttpRequest, source_id: int, digest: str) -> HttpResponse:
    """Plan an event no longer."""
    source, draft = _draft(source_id)
    name = _event(draft, digest)
    _change(request, source, lambda events: {key: value for key, value in events.items() if key != name})
    messages.success(
        request, f"{_kind(name)} is no longer in the draft. Nothing changes until you publish it."
    )
    return redirect("admin:plan", source_id=source.pk)


@require_POST
def attempt(request: HttpRequest, source_id: int, digest: str = "") -> HttpResponse:
    """What the draft would do to the newest events; of one event as it is filled in, saved or not."""
    source, draft = _draft(source_id)
    name = _event(draft, digest) if digest else ""
    context: dict[str, Any] = {"source": source}
    try:
        events = {**draft.events, name: _schema(request, draft.events[name])} if name else dict(draft.events)
        document = Plan(draft.policy, events).to_json()
        context["trial"] = try_plan(actor_of(request), source, document, log=event_log(), only=name)
    except (PlanError, LogError) as wrong:
        context["error"] = str(wrong)
    return render_part(request, "ingestion/_plan_trial.html", context)


def _schema(request: HttpRequest, before: JsonObject) -> JsonObject:
    """The schema that was posted: as JSON, or as rows."""
    text = request.POST.get("schema")
    if text is None:
        return with_rows(before, posted_rows(request.POST))
    try:
        schema = orjson.loads(text[: 2 * MAX_SCHEMA_BYTES])
    except orjson.JSONDecodeError as error:
        raise PlanError(f"the schema is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise PlanError("a schema is a JSON object")
    return schema


def _draft(source_id: int) -> tuple[Source, Plan]:
    source = get_object_or_404(Source, pk=source_id)
    kept = TrackingPlan.objects.filter(source=source).first()
    return source, Plan.from_json(kept.draft if kept else {})


def _event(draft: Plan, digest: str) -> str:
    if (name := event_of(draft, digest)) is None:
        raise Http404("this event is not in the draft")
    return name


def _with_event(request: HttpRequest, name: str, events: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    """These events with what was posted of one. Raises PlanError."""
    if name not in events:
        raise PlanError("the event is no longer in the draft: somebody took it out meanwhile")
    return {**events, name: _schema(request, events[name])}


def _change(
    request: HttpRequest,
    source: Source,
    change: Callable[[Mapping[str, JsonObject]], dict[str, JsonObject]],
) -> None:
    """Change the events of the draft as it is by now: somebody else may have changed another one."""
    change_draft(
        source, lambda draft: Plan(draft.policy, change(draft.events)).to_json(),
        by=actor_of(request), now=timezone.now(),
    )  # fmt: skip


def _kind(name: str) -> str:
    return name.partition(":")[2]


def _shown(rows: list[FieldRow]) -> list[dict[str, object]]:
    return [
        {"number": number, "row": row, "types": type_choices(row), "actions": action_choices(row)}
        for number, row in enumerate(rows)
    ]
