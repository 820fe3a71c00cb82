"""What is read of a connection: the form with its preview, the page of a stream, and what one can do with it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.secrets import SecretsUnreadable
from ingestion.admin.addresses import number, typed
from ingestion.admin.connection_form import form_of, read_choice
from ingestion.admin.connections import connection_or_404
from ingestion.domain.mappings import MappingInvalid
from ingestion.enums import RunCause
from ingestion.models import Connection, Stream
from ingestion.sources.contract import SourceError, StreamInfo
from ingestion.sources.listing import recent_runs, stream_overview
from ingestion.sources.preview import show_preview
from ingestion.sources.proposal import propose
from ingestion.sources.registry import kind_named
from ingestion.sources.runs import RunConflict, start_backfill, start_run
from ingestion.sources.selections import settings_of
from ingestion.sources.streams import (
    Choice,
    StreamInvalid,
    choice_of,
    pause_stream,
    remove_stream,
    resume_stream,
    save_stream,
    selected,
)
from ingestion.tasks import run_connection
from streaming.screens import render_part, render_screen

SHOWN = 20


def new(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Choose a stream: how to read it is proposed."""
    return _form(
        request, connection_or_404(connection_id), None, typed(request.POST or request.GET, "stream")
    )


def edit(request: HttpRequest, stream_id: int) -> HttpResponse:
    """Choose otherwise."""
    found = stream_or_404(stream_id)
    return _form(request, found.connection, found, found.name)


def _form(request: HttpRequest, connection: Connection, stream: Stream | None, name: str) -> HttpResponse:
    try:
        info = kind_named(connection.kind).describe(settings_of(connection), name)
    except (SourceError, SecretsUnreadable) as error:
        messages.error(request, str(error))
        return redirect("admin:connection", connection_id=connection.pk)
    problems: dict[str, str] = {}
    if request.method == "POST":
        choice = read_choice(request.POST)
        try:
            saved = save_stream(
                connection=connection,
                stream=stream,
                info=info,
                choice=choice,
                by=actor_of(request),
                now=timezone.now(),
            )
        except StreamInvalid as invalid:
            problems = invalid.problems
        else:
            messages.success(request, f"{saved.name} is kept. Run it now, or leave it to its schedule.")
            return redirect("admin:connection_stream", stream_id=saved.pk)
    else:
        choice = propose(info) if stream is None else choice_of(stream, info)
    context = {
        "title": f"Read {info.name}", "connection": connection, "stream": stream, "info": info, "problems": problems,
        **form_of(choice, info, request.POST), **_previewed(request, connection, info, choice),
    }  # fmt: skip
    return render_screen(
        request, "ingestion/connection_stream_form.html", context, status=400 if problems else 200
    )


@require_POST
def preview(request: HttpRequest, connection_id: int) -> HttpResponse:
    """What the first rows become by what stands in the form."""
    connection = connection_or_404(connection_id)
    try:
        info = kind_named(connection.kind).describe(settings_of(connection), typed(request.POST, "stream"))
    except (SourceError, SecretsUnreadable) as error:
        return render_part(request, "ingestion/_import_preview.html", {"error": str(error)})
    context = _previewed(request, connection, info, read_choice(request.POST))
    return render_part(request, "ingestion/_import_preview.html", context)


def _previewed(
    request: HttpRequest, connection: Connection, info: StreamInfo, choice: Choice
) -> dict[str, Any]:
    try:
        shown = show_preview(
            actor_of(request),
            connection=connection,
            selection=selected(choice, info),
            mapping=choice.mapping,
            now=timezone.now(),
        )
    except (StreamInvalid, MappingInvalid, SourceError, SecretsUnreadable) as wrong:
        return {"preview": [], "error": str(wrong)}
    return {"preview": shown, "error": "" if shown else "The table has no rows yet."}


def stream(request: HttpRequest, stream_id: int) -> HttpResponse:
    """The page of one; its changing part alone when it is renewed."""
    found, before = stream_or_404(stream_id), number(request, "before")
    runs = recent_runs(stream=found, before=before, limit=SHOWN + 1)
    context = {
        "title": found.name, "stream": found, "connection": found.connection, "overview": stream_overview(found, now=timezone.now()),
        "runs": runs[:SHOWN], "next": runs[SHOWN - 1].pk if len(runs) > SHOWN else None, "first": before is None,
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_connection_stream.html", context)
    return render_screen(request, "ingestion/connection_stream.html", context)


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
    try:
        if action == "run":
            run = start_run(stream=found, cause=RunCause.PERSON, by=by, now=now)
        else:
            run = start_backfill(
                stream=found, begin=typed(request.POST, "begin", limit=100), end=typed(request.POST, "end", limit=100),
                rows_per_second=int(rate) if rate.isdecimal() else None, by=by, now=now,
            )  # fmt: skip
    except RunConflict as conflict:
        messages.error(request, f"{str(conflict)[:1].upper()}{str(conflict)[1:]}.")
        return redirect("admin:connection_stream", stream_id=found.pk)
    run_connection.delay(run_id=run.pk)
    return redirect("admin:connection_run", run_id=run.pk)


def stream_or_404(stream_id: int) -> Stream:
    """The stream. Raises Http404."""
    try:
        return Stream.objects.select_related("connection__source").get(pk=stream_id)
    except Stream.DoesNotExist as missing:
        raise Http404("there is no such stream") from missing
