"""Rejections: what was not taken, and why."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from compliance.access import actor_of
from compliance.sources import of_sources
from ingestion.admin.addresses import number, typed
from ingestion.domain.queries import rejection_reasons
from ingestion.domain.queries.opening import open_rejection
from ingestion.domain.queries.rejected import rejected_items
from ingestion.models import Rejection, Source
from streaming.screens import render_screen

SHOWN = 50
DAYS = 7


def listing(request: HttpRequest) -> HttpResponse:
    """The reasons of the last week, and the items, newest first."""
    source_id, code = number(request, "source"), typed(request.GET, "code", limit=40)
    before = number(request, "before")
    items = rejected_items(actor_of(request), source_id=source_id, code=code, before=before, limit=SHOWN + 1)
    context = {
        "title": "Rejections",
        "items": items[:SHOWN],
        "next": items[SHOWN - 1].item.pk if len(items) > SHOWN else None,
        "first": before is None,
        "reasons": rejection_reasons(
            since=timezone.now() - timedelta(days=DAYS), source_id=source_id, actor=actor_of(request)
        ),
        "sources": of_sources(actor_of(request), Source.objects.all(), "pk"),
        "source_id": source_id,
        "code": code,
        "days": DAYS,
    }
    return render_screen(request, "ingestion/rejections.html", context)


def rejection(request: HttpRequest, rejection_id: int) -> HttpResponse:
    """One item, with its reason and what was sent."""
    try:
        opened = open_rejection(actor_of(request), rejection_id)
    except Rejection.DoesNotExist as missing:
        raise Http404("there is no such rejection") from missing
    return render_screen(request, "ingestion/rejection.html", {"title": "Rejected item", "opened": opened})
