"""The form of a stream: what a kind asks of it, how it is read, what its rows become, and a preview of the first of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.secrets import SecretsUnreadable
from ingestion.admin.addresses import typed
from ingestion.admin.connection_form import form_of, read_choice
from ingestion.admin.connection_streams import stream_or_404
from ingestion.admin.connections import connection_or_404, kind_or_404
from ingestion.admin.edit_forms import STREAM
from ingestion.admin.kind_fields import shown_fields, typed_fields
from ingestion.domain.mappings import MappingInvalid
from ingestion.models import Connection, Stream
from ingestion.sources.contract import SourceError, SourceKind, StreamInfo, as_continuous
from ingestion.sources.looking import Looked, kept_look, look_at, looked_before
from ingestion.sources.preview import show_preview
from ingestion.sources.proposal import propose
from ingestion.sources.streams import Choice, StreamInvalid, choice_of, save_stream, selected
from streaming.editing import edits
from streaming.screens import render_part, render_screen

PREFIX = "its_"  # before the names of the kind's fields, which are not to be taken for the form's own


def new(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Choose a stream, or name one and say where it is: how to read it is proposed."""
    found = connection_or_404(connection_id)
    kind, name = kind_or_404(found.kind), typed(request.POST or request.GET, "stream", limit=201)
    if kind.stream_fields and request.method != "POST":
        return _page(request, found, None, name, settings={})
    return _form(request, found, None, name)


@edits(STREAM)
def edit(request: HttpRequest, stream_id: int) -> HttpResponse:
    """Choose otherwise."""
    found = stream_or_404(stream_id)
    return _form(request, found.connection, found, found.name)


def _form(request: HttpRequest, connection: Connection, stream: Stream | None, name: str) -> HttpResponse:
    settings = _settings(request, kind_or_404(connection.kind), stream)
    try:
        looked = look_at(
            connection=connection, name=name, typed=settings, by=actor_of(request), stream=stream
        )
    except StreamInvalid as invalid:
        return _page(request, connection, stream, name, settings=settings, problems=invalid.problems)
    except (SourceError, SecretsUnreadable) as error:
        if settings:
            return _page(request, connection, stream, name, settings=settings, problems={"": str(error)})
        messages.error(request, str(error))
        return redirect("admin:connection", connection_id=connection.pk)
    choice = _choice(request, stream, looked)
    if request.method != "POST" or "look" in request.POST:
        return _page(request, connection, stream, name, settings=looked.settings, looked=(looked, choice))
    try:
        saved = save_stream(
            connection=connection, stream=stream, info=looked.info, choice=choice, by=actor_of(request), now=timezone.now()
        )  # fmt: skip
    except StreamInvalid as invalid:
        return _page(
            request, connection, stream, name, settings=looked.settings, looked=(looked, choice), problems=invalid.problems
        )  # fmt: skip
    messages.success(request, f"{saved.name} is kept. Run it now, or leave it to its schedule.")
    return redirect("admin:connection_stream", stream_id=saved.pk)


@require_POST
def preview(request: HttpRequest, connection_id: int) -> HttpResponse:
    """What the first rows become by what stands in the form; the source is looked at no more than once for a form."""
    connection = connection_or_404(connection_id)
    try:
        looked = _looked(request, connection, typed(request.POST, "stream", limit=201))
    except (StreamInvalid, SourceError, SecretsUnreadable) as error:
        return render_part(request, "ingestion/_import_preview.html", {"error": str(error)})
    context = _previewed(request, connection, looked.info, read_choice(request.POST, looked.settings))
    return render_part(request, "ingestion/_import_preview.html", context)


def _looked(request: HttpRequest, connection: Connection, name: str) -> Looked:
    """What was found when the form was shown, with the settings that stand in it now."""
    settings, by = _settings(request, kind_or_404(connection.kind), None), actor_of(request)
    kept = request.POST.get("looked", "")
    before = looked_before(connection=connection, name=name, typed=settings, kept=kept, by=by)
    if before is not None:
        return before
    stream = connection.streams.filter(name=name).first()
    return look_at(connection=connection, name=name, typed=settings, by=by, stream=stream)


def _settings(request: HttpRequest, kind: SourceKind, stream: Stream | None) -> Mapping[str, str]:
    if request.method == "POST":
        return typed_fields(request.POST, kind.stream_fields, prefix=PREFIX)
    return {} if stream is None else stream.settings


def _choice(request: HttpRequest, stream: Stream | None, looked: Looked) -> Choice:
    """What stands in the form; when it has not been filled in for what was found, a proposal."""
    if request.method == "POST":
        chosen = read_choice(request.POST, looked.settings)
        known = {column.name for column in looked.info.columns}
        if "look" not in request.POST or known & set(chosen.columns):
            return chosen
    proposed = propose(looked.info) if stream is None else choice_of(stream, looked.info)
    return replace(proposed, settings=looked.settings)


def _page(
    request: HttpRequest, connection: Connection, stream: Stream | None, name: str, *, settings: Mapping[str, str],
    looked: tuple[Looked, Choice] | None = None, problems: Mapping[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    kind, problems = kind_or_404(connection.kind), problems or {}
    context: dict[str, Any] = {
        "title": f"Read {name}" if name else "Name what to read", "connection": connection, "stream": stream, "name": name,
        "problems": problems, "is_continuous": as_continuous(kind) is not None,
        "fields": shown_fields(kind.stream_fields, settings, problems, prefix=PREFIX),
    }  # fmt: skip
    if looked is not None:
        info, choice = looked[0].info, looked[1]
        posted = {} if "look" in request.POST and choice.mapping else request.POST
        context |= {
            "info": info,
            "kept_look": kept_look(connection, info),
            **form_of(choice, info, posted),
            **_previewed(request, connection, info, choice),
        }
    return render_screen(
        request, "ingestion/connection_stream_form.html", context, status=400 if problems else 200
    )


def _previewed(
    request: HttpRequest, connection: Connection, info: StreamInfo, choice: Choice
) -> dict[str, Any]:
    try:
        shown = show_preview(
            actor_of(request), connection=connection, selection=selected(choice, info), mapping=choice.mapping,
            now=timezone.now(), stream=choice.settings,
        )  # fmt: skip
    except (StreamInvalid, MappingInvalid, SourceError, SecretsUnreadable) as wrong:
        return {"preview": [], "error": str(wrong)}
    return {"preview": shown, "error": "" if shown else "There are no rows yet."}
