"""Sources: the list, a new one, and the page of one."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from compliance.access import actor_of, allows, hidden
from compliance.enums import Category, Operation
from compliance.models import Purpose
from ingestion.admin.addresses import typed
from ingestion.admin.snippets import snippets
from ingestion.domain.queries import (
    LiveFilter,
    SourceOverview,
    events_per_minute,
    rejection_reasons,
    source_overviews,
    top_events,
)
from ingestion.domain.queries.watching import watch
from ingestion.domain.sources import SourceError, create_source
from streaming.screens import render_part, render_screen

DAY = timedelta(days=1)
STEP = timedelta(minutes=15)
MAX_NAME = 100
LAST_EVENTS = 12


def listing(request: HttpRequest) -> HttpResponse:
    """All sources with what each sent; the rows alone when they are renewed."""
    overviews = source_overviews(now=timezone.now(), actor=actor_of(request))
    context = {"title": "Sources", "overviews": overviews, "total": sum(each.last_day for each in overviews)}
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_source_rows.html", context)
    return render_screen(request, "ingestion/sources.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Make a source; what is wrong is said at the field."""
    name, description = typed(request.POST, "name"), typed(request.POST, "description", limit=500)
    error = ""
    if request.method == "POST":
        error = _problem(name)
        if not error:
            try:
                source = create_source(
                    name=name, description=description, by=actor_of(request), now=timezone.now()
                )
            except SourceError as wrong:
                error = str(wrong)
            else:
                messages.success(
                    request, f"{source.name} is ready: paste a snippet, and its first event shows here."
                )
                return redirect("admin:source", source_id=source.pk)
    context = {"title": "New source", "name": name, "description": description, "error": error}
    return render_screen(request, "ingestion/source_new.html", context, status=400 if error else 200)


def _problem(name: str) -> str:
    if not name:
        return "Give the source a name, as people will see it at each event: “Web shop”."
    if len(name) > MAX_NAME:
        return f"A name has at most {MAX_NAME} characters; this one has {len(name)}."
    return ""


def source(request: HttpRequest, source_id: int) -> HttpResponse:
    """The page of one."""
    now = timezone.now()
    overview = _overview(source_id, now)
    may_manage = allows(actor_of(request), Operation.SOURCES_MANAGE)
    key = overview.active_keys[0].key if overview.active_keys and may_manage else None
    context = {
        "title": overview.source.name,
        "purposes": Purpose.objects.order_by("key"),
        "keys": list(overview.source.write_keys.all()) if may_manage else [],
        "snippets": snippets(address=request.build_absolute_uri("/"), key=key),
        **_renewed(request, overview, now),
    }
    return render_screen(request, "ingestion/source.html", context)


def figures(request: HttpRequest, source_id: int) -> HttpResponse:
    """The parts of the page that change by themselves."""
    now = timezone.now()
    return render_part(
        request, "ingestion/_source_figures.html", _renewed(request, _overview(source_id, now), now)
    )


def _renewed(request: HttpRequest, overview: SourceOverview, now: datetime) -> dict[str, Any]:
    end = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) + STEP
    source_id, actor = overview.source.pk, actor_of(request)
    may_watch = allows(actor, Operation.EVENTS_VIEW) and not hidden(actor, Category.BEHAVIOUR)
    found = events_per_minute(start=end - DAY, end=end, step=STEP, source_id=source_id)
    return {
        "source": overview.source,
        "overview": overview,
        "volume": {
            "series": [(each.source_name, each.events) for each in found],
            "start": end - DAY,
            "step": STEP,
        },
        "names": top_events(start=now - DAY, end=now, source_id=source_id, limit=8),
        "reasons": rejection_reasons(since=now - 7 * DAY, source_id=source_id)[:6],
        "arrivals": watch(actor, filters=LiveFilter(source_id=source_id), limit=LAST_EVENTS)
        if may_watch
        else [],
    }


def _overview(source_id: int, now: datetime) -> SourceOverview:
    for overview in source_overviews(now=now, source_id=source_id):
        return overview
    raise Http404("there is no such source")
