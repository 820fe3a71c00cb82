"""One group of quarantined events: mended with a preview, sent on as a job, discarded."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from ingestion.admin.mending_form import (
    CAST_WORDS,
    DOES,
    StepRow,
    posted_steps,
    shown_rows,
    step_of,
    suggested,
)
from ingestion.admin.traces import page as trace_page
from ingestion.domain.quarantine.deciding import NothingThere, discard, start_resend
from ingestion.domain.quarantine.groups import Group, group_of, message_id_of
from ingestion.domain.quarantine.mending import MendingError
from ingestion.domain.quarantine.previewing import preview
from ingestion.models import Quarantined, Source
from ingestion.tasks import run_resend
from streaming.screens import render_part, render_screen


def group(request: HttpRequest, sample_id: int) -> HttpResponse:
    """The page; POST previews the steps, the part alone when the page asks."""
    found = _group(request, sample_id)
    context: dict[str, Any] = {
        "title": "Events in quarantine",
        "group": found,
        "sample_id": sample_id,
        "source": get_object_or_404(Source, pk=found.source_id),
        "blank": {"number": "__N__", "row": StepRow(do="rename")},
        "does": DOES.items(),
        "casts": CAST_WORDS.items(),
        "keys": _keys(found),
        "is_within": "`" in found.reason,
        "error": "",
        **_previewed(request, found),
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_mending_preview.html", context)
    return render_screen(
        request, "ingestion/quarantine_group.html", context, status=400 if context["error"] else 200
    )


@require_POST
def resend(request: HttpRequest, sample_id: int) -> HttpResponse:
    """Send the events of the group on, mended."""
    try:
        steps = posted_steps(request.POST)
        job = start_resend(_group(request, sample_id), steps, by=actor_of(request), now=timezone.now())
    except (MendingError, NothingThere) as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:quarantine")
    run_resend.delay(resend_id=job.pk)
    return redirect("admin:resend", resend_id=job.pk)


def trace_of(request: HttpRequest, sample_id: int) -> HttpResponse:
    """The trace of one event of a group; its message id never stands in the address."""
    try:
        message_id = message_id_of(actor_of(request), sample_id)
    except Quarantined.DoesNotExist:
        raise Http404 from None
    return trace_page(request, message_id)


@require_POST
def throw_away(request: HttpRequest, sample_id: int) -> HttpResponse:
    """Discard the events of the group."""
    gone = discard(_group(request, sample_id), by=actor_of(request), now=timezone.now())
    messages.success(request, f"{gone:,} events are discarded.")
    return redirect("admin:quarantine")


def _previewed(request: HttpRequest, found: Group) -> dict[str, Any]:
    """What the steps would do; with what is wrong with them, what no step would do."""
    actor, error = actor_of(request), ""
    rows = suggested(found.reason) if request.method == "GET" else shown_rows(request.POST, [])
    steps: object = [step_of(row) for row in rows]
    try:
        if request.method == "POST":
            steps = posted_steps(request.POST)
            rows = shown_rows(request.POST, steps)
        tried = preview(actor, found, steps)
    except MendingError as wrong:
        tried, error = preview(actor, found, []), str(wrong)
    typed = request.POST.get("steps") or orjson.dumps(steps, option=orjson.OPT_INDENT_2).decode()
    return {
        "preview": tried,
        "error": error,
        "rows": [{"number": number, "row": row} for number, row in enumerate(rows)],
        "steps": typed,
        "is_expert": bool(error) and "steps" in request.POST,
    }


def _keys(found: Group) -> list[str]:
    """The keys that the reason names, which are those to mend first."""
    return [each for each in found.reason.split("`")[1::2] if "." not in each and "[" not in each]


def _group(request: HttpRequest, sample_id: int) -> Group:
    try:
        return group_of(actor_of(request), sample_id)
    except Quarantined.DoesNotExist:
        raise Http404("there is no such event in quarantine") from None
