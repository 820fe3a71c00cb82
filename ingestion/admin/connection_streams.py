"""The page of a stream that is read, and what one can do with it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from ingestion.admin.addresses import number, typed
from ingestion.admin.kind_fields import said_of
from ingestion.enums import RunCause
from ingestion.models import Stream
from ingestion.sources.contract import SourceKind, again_by
from ingestion.sources.listing import recent_runs, stream_overview
from ingestion.sources.registry import registered_kinds
from ingestion.sources.runs import RunConflict, start_backfill, start_run
from ingestion.sources.streams import pause_stream, remove_stream, resume_stream
from ingestion.tasks import run_connection
from streaming.screens import render_part, render_screen

SHOWN = 20


def stream(request: HttpRequest, stream_id: int) -> HttpResponse:
    """The page of one; its changing part alone when it is renewed."""
    found, before = stream_or_404(stream_id), number(request, "before")
    runs = recent_runs(stream=found, before=before, limit=SHOWN + 1)
    context = {
        "title": found.name, "stream": found, "connection": found.connection, "overview": stream_overview(found, now=timezone.now()),
        "facts": _facts(found), "again_by": _again_by(found),
        "runs": runs[:SHOWN], "next": runs[SHOWN - 1].pk if len(runs) > SHOWN else None, "first": before is None,
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_connection_stream.html", context)
    return render_screen(request, "ingestion/connection_stream.html", context)


def _facts(found: Stream) -> list[tuple[str, str]]:
    kind = _kind_of(found)
    return said_of(kind.stream_fields, found.settings) if kind else []


def _again_by(found: Stream) -> str:
    kind = _kind_of(found)
    return again_by(kind) if kind else ""


def _kind_of(found: Stream) -> SourceKind | None:
    """Its kind, unless that is not installed any more."""
    return next((each for each in registered_kinds() if each.key == found.connection.kind), None)


@require_POST
def change(request: HttpRequest, stream_id: int, action: str) -> HttpResponse:
    """Run, backfill, pause, resume or remove."""
    found, by, now = stream_or_404(stream_id), actor_of(request), timezone.now()
    if action == "remove":
        remove_stream(stream=found, by=by, now=now)
        messages.success(request, f"{found.name} is read no more. What it brought in stays.")
        return redirect("admin:connection", connection_id=found.connection_id)
    if action == "pause":
        pause_stream(stream=found, by=by, now=now)
    elif action == "resume":
        resume_stream(stream=found, by=by, now=now)
    elif action in ("run", "backfill"):
        return _begin(request, found, action)
    else:
        raise Http404("a stream cannot do this")
    return redirect("admin:connection_stream", stream_id=found.pk)


def _begin(request: HttpRequest, found: Stream, action: str) -> HttpResponse:
    by, now, rate = actor_of(request), timezone.now(), typed(request.POST, "rate", limit=9)
    if rate and not rate.isdecimal():
        messages.error(
            request, f"“Rows a second, at most” is a whole number, not {rate!r}: leave it empty for no limit."
        )
        return redirect("admin:connection_stream", stream_id=found.pk)
    try:
        if action == "run":
            run = start_run(stream=found, cause=RunCause.PERSON, by=by, now=now)
        else:
            run = start_backfill(
                stream=found, begin=typed(request.POST, "begin", limit=100), end=typed(request.POST, "end", limit=100),
                rows_per_second=int(rate) if rate else None, by=by, now=now,
            )  # fmt: skip
    except RunConflict as conflict:
        messages.error(request, sentence(conflict))
        return redirect("admin:connection_stream", stream_id=found.pk)
    run_connection.delay(run_id=run.pk)
    return redirect("admin:connection_run", run_id=run.pk)


def stream_or_404(stream_id: int) -> Stream:
    """The stream. Raises Http404."""
    try:
        return Stream.objects.select_related("connection__source").get(pk=stream_id)
    except Stream.DoesNotExist as missing:
        raise Http404("there is no such stream") from missing
