"""Connections: the list, the form of one, its test, and its page with what it reads."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.secrets import SecretsUnreadable
from compliance.sources import of_sources
from ingestion.admin.addresses import typed
from ingestion.admin.edit_forms import CONNECTION
from ingestion.admin.kind_fields import said_of, shown_fields, typed_fields
from ingestion.models import Connection, Source
from ingestion.sources.connections import (
    ConnectionInvalid,
    change_connection,
    create_connection,
    discover_streams,
    kept_secrets,
    try_settings,
)
from ingestion.sources.contract import SourceError, SourceKind
from ingestion.sources.listing import connection_overviews
from ingestion.sources.registry import kind_named, registered_kinds
from streaming.editing import edits
from streaming.screens import render_part, render_screen

USUAL = "sql"


def listing(request: HttpRequest) -> HttpResponse:
    """All connections with their streams; the rows alone when they are renewed."""
    overviews = connection_overviews(now=timezone.now(), actor=actor_of(request))
    context = {
        "title": "Connections",
        "overviews": overviews,
        "streams": sum(len(each.streams) for each in overviews),
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_connection_rows.html", context)
    return render_screen(request, "ingestion/connections.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Make a connection whose login works; what is wrong is said at the field, or in a sentence above."""
    kind = kind_or_404(typed(request.POST or request.GET, "kind", limit=50) or USUAL)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = create_connection(
                name=typed(request.POST, "name"), kind=kind.key, source=typed(request.POST, "source", limit=100),
                typed=typed_fields(request.POST, kind.fields), by=actor_of(request), now=timezone.now(),
            )  # fmt: skip
            return redirect("admin:connection", connection_id=made.pk)
        except ConnectionInvalid as invalid:
            problems = invalid.problems
        except SourceError as error:
            problems = {"": str(error)}
    return _form(request, kind, None, problems)


@edits(CONNECTION)
def edit(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Change the settings of one; an empty secret stays what it is."""
    found = connection_or_404(connection_id)
    kind, problems = kind_or_404(found.kind), {}
    if request.method == "POST":
        try:
            change_connection(
                connection=found, name=typed(request.POST, "name"), typed=typed_fields(request.POST, kind.fields), by=actor_of(request),
                now=timezone.now(),
            )  # fmt: skip
            return redirect("admin:connection", connection_id=found.pk)
        except ConnectionInvalid as invalid:
            problems = invalid.problems
        except SourceError as error:
            problems = {"": str(error)}
    return _form(request, kind, found, problems)


@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Try what stands in the form."""
    kind = kind_or_404(typed(request.POST, "kind", limit=50))
    number = typed(request.POST, "connection", limit=18)
    found = connection_or_404(int(number)) if number.isdecimal() else None
    try:
        said, works = (
            try_settings(
                kind=kind.key,
                typed=typed_fields(request.POST, kind.fields),
                connection=found,
                by=actor_of(request),
            ),
            True,
        )
    except (ConnectionInvalid, SourceError) as error:
        said, works = str(error), False
    return render_part(request, "ingestion/_connection_test.html", {"said": said, "works": works})


def connection(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The page of one."""
    found = connection_or_404(connection_id)
    [overview] = connection_overviews(now=timezone.now(), connection_id=found.pk)
    kind = next((each for each in registered_kinds() if each.key == found.kind), None)
    context = {
        "title": found.name, "overview": overview, "connection": found, "kind": kind,
        "facts": said_of(kind.fields, found.settings) if kind else [],
    }  # fmt: skip
    return render_screen(request, "ingestion/connection.html", context)


def discover(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The streams that it can read, or why there are none to be seen."""
    found = connection_or_404(connection_id)
    kind_or_404(found.kind)
    context: dict[str, Any] = {
        "connection": found,
        "chosen": set(found.streams.values_list("name", flat=True)),
    }
    try:
        context["found"] = discover_streams(connection=found, by=actor_of(request))
    except (SourceError, SecretsUnreadable) as error:
        context["error"] = str(error)
    return render_part(request, "ingestion/_connection_discovered.html", context)


def connection_or_404(connection_id: int) -> Connection:
    """The connection. Raises Http404."""
    try:
        return Connection.objects.select_related("source").get(pk=connection_id)
    except Connection.DoesNotExist as missing:
        raise Http404("there is no such connection") from missing


def kind_or_404(key: str) -> SourceKind:
    """The kind of this key. Raises Http404 saying that it is not installed."""
    try:
        return kind_named(key)
    except LookupError as missing:
        raise Http404(str(missing)) from missing


def _form(
    request: HttpRequest, kind: SourceKind, found: Connection | None, problems: dict[str, str]
) -> HttpResponse:
    former = {} if found is None else found.settings
    values = typed_fields(request.POST, kind.fields) if request.method == "POST" else former
    context = {
        "title": "New connection" if found is None else f"Settings of {found.name}", "kind": kind, "kinds": registered_kinds(),
        "connection": found, "problems": problems, "problem": problems.get("", ""),
        "fields": shown_fields(kind.fields, values, problems, kept=kept_secrets(found) if found else ()),
        "name": typed(request.POST, "name") if request.method == "POST" else (found.name if found else ""),
        "source": typed(request.POST, "source") or request.GET.get("source", ""),
        "sources": of_sources(actor_of(request), Source.objects.filter(disabled_at=None), "pk"),
    }  # fmt: skip
    return render_screen(request, "ingestion/connection_form.html", context, status=400 if problems else 200)
