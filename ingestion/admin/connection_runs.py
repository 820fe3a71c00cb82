"""A run of a connection: how far it is, its report, and the rows that were not taken."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from ingestion.imports.holding import why_held
from ingestion.models import ConnectionRun
from ingestion.sources.listing import export_row_errors
from ingestion.sources.progress import progress_of
from ingestion.sources.runs import RunConflict, cancel_run
from streaming.screens import render_part, render_screen


def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """The page of one."""
    return render_screen(request, "ingestion/connection_run.html", _context(run_or_404(run_id)))


def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far it has come."""
    return render_part(request, "ingestion/_connection_run.html", _context(run_or_404(run_id)))


def errors(request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """The rows that were not taken, as CSV that is safe to open in a spreadsheet."""
    found = run_or_404(run_id)
    lines = export_row_errors(actor_of(request), found)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{found.pk}-errors.csv"'
    return answer


@require_POST
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Stop it."""
    found = run_or_404(run_id)
    try:
        cancel_run(run=found, by=actor_of(request), now=timezone.now())
    except RunConflict as conflict:
        messages.error(request, sentence(conflict))
    return redirect("admin:connection_run", run_id=found.pk)


def run_or_404(run_id: int) -> ConnectionRun:
    """The run. Raises Http404."""
    try:
        return ConnectionRun.objects.select_related("stream__connection__source").get(pk=run_id)
    except ConnectionRun.DoesNotExist as missing:
        raise Http404("there is no such run") from missing


def _context(found: ConnectionRun) -> dict[str, Any]:
    return {
        "title": f"Run {found.pk} of {found.stream.name}", "run": found, "stream": found.stream, "connection": found.stream.connection,
        "progress": progress_of(found), "held": "" if found.has_ended else why_held(),
    }  # fmt: skip
