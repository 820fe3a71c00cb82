"""Quarantine: groups of events by reason, mending with a preview, sending on as a job, discarding."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from ingestion.admin.addresses import number
from ingestion.domain.quarantine.deciding import NothingThere, cancel_resend, discard, start_resend
from ingestion.domain.quarantine.groups import Group, group_of, groups
from ingestion.domain.quarantine.mending import MendingError
from ingestion.domain.quarantine.previewing import preview
from ingestion.enums import ResendState
from ingestion.models import Quarantined, Resend, Source
from ingestion.tasks import run_resend
from streaming.screens import render_part, render_screen

_LONGEST = 20_000
_JOBS = 20
_EXAMPLE = '[{"do": "cast", "key": "total", "to": "number"}]'


def listing(request: HttpRequest) -> HttpResponse:
    """The groups that wait, and the last jobs."""
    source_id = number(request, "source")
    context = {
        "title": "Quarantine",
        "groups": groups(actor_of(request), source_id=source_id),
        "jobs": Resend.objects.select_related("source")[:_JOBS],
        "sources": Source.objects.all(),
        "source_id": source_id,
    }
    return render_screen(request, "ingestion/quarantine.html", context)


def group(request: HttpRequest, sample_id: int) -> HttpResponse:
    """One group; POST previews the steps that were typed."""
    found = _group(request, sample_id)
    text = request.POST.get("steps", "[]")[:_LONGEST] or "[]"
    context: dict[str, Any] = {
        "title": "Events in quarantine",
        "group": found,
        "sample_id": sample_id,
        "source": get_object_or_404(Source, pk=found.source_id),
        "steps": text,
        "example": _EXAMPLE,
        "error": "",
    }
    try:
        context["preview"] = preview(actor_of(request), found, _steps(text))
    except MendingError as wrong:
        context["error"] = str(wrong)
        context["preview"] = preview(actor_of(request), found, [])
    return render_screen(
        request, "ingestion/quarantine_group.html", context, status=400 if context["error"] else 200
    )


@require_POST
def resend(request: HttpRequest, sample_id: int) -> HttpResponse:
    """Send the events of the group on, mended."""
    try:
        steps = _steps(request.POST.get("steps", "[]")[:_LONGEST])
        job = start_resend(_group(request, sample_id), steps, by=actor_of(request), now=timezone.now())
    except (MendingError, NothingThere) as wrong:
        messages.error(request, f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.")
        return redirect("admin:quarantine")
    run_resend.delay(resend_id=job.pk)
    return redirect("admin:resend", resend_id=job.pk)


@require_POST
def throw_away(request: HttpRequest, sample_id: int) -> HttpResponse:
    """Discard the events of the group."""
    gone = discard(_group(request, sample_id), by=actor_of(request), now=timezone.now())
    messages.success(request, f"{gone:,} events are discarded.")
    return redirect("admin:quarantine")


def job(request: HttpRequest, resend_id: int) -> HttpResponse:
    """How far a job is; the part alone when the page asks."""
    found = get_object_or_404(Resend.objects.select_related("source"), pk=resend_id)
    done = found.sent + found.kept + found.suppressed
    context = {
        "title": "Sending out of quarantine",
        "job": found,
        "done": done,
        "share": done / found.asked if found.asked else 1.0,
        "is_active": found.state in (ResendState.QUEUED, ResendState.RUNNING),
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_resend.html", context)
    return render_screen(request, "ingestion/resend.html", context)


@require_POST
def cancel(request: HttpRequest, resend_id: int) -> HttpResponse:
    """End a job."""
    opened = cancel_resend(get_object_or_404(Resend, pk=resend_id), by=actor_of(request), now=timezone.now())
    messages.success(request, f"The job is cancelled; {opened:,} events wait for a decision again.")
    return redirect("admin:resend", resend_id=resend_id)


def _group(request: HttpRequest, sample_id: int) -> Group:
    try:
        return group_of(actor_of(request), sample_id)
    except Quarantined.DoesNotExist:
        raise Http404("there is no such event in quarantine") from None


def _steps(text: str) -> object:
    try:
        return orjson.loads(text or "[]")
    except orjson.JSONDecodeError as error:
        raise MendingError(f"the steps are not JSON: {error}") from error
