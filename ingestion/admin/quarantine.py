"""Quarantine: groups of events by reason, and the jobs that send them on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.sources import of_sources
from ingestion.admin.addresses import number
from ingestion.domain.quarantine.deciding import cancel_resend
from ingestion.domain.quarantine.groups import groups
from ingestion.domain.quarantine.progress import progress_of
from ingestion.enums import ResendState
from ingestion.models import Resend, Source
from streaming.screens import render_part, render_screen

_JOBS = 20


def listing(request: HttpRequest) -> HttpResponse:
    """The groups that wait, and the last jobs."""
    source_id = number(request, "source")
    context = {
        "title": "Quarantine",
        "groups": groups(actor_of(request), source_id=source_id),
        "jobs": of_sources(actor_of(request), Resend.objects.select_related("source"))[:_JOBS],
        "sources": of_sources(actor_of(request), Source.objects.all(), "pk"),
        "source_id": source_id,
    }
    return render_screen(request, "ingestion/quarantine.html", context)


def job(request: HttpRequest, resend_id: int) -> HttpResponse:
    """How far a job is; the part alone when the page asks."""
    found = get_object_or_404(Resend.objects.select_related("source"), pk=resend_id)
    context = {
        "title": "Sending out of quarantine",
        "job": found,
        "progress": progress_of(found, now=timezone.now()),
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
