"""What one can do with a source: each is a POST, makes one domain call, and leads back to its page."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from ingestion.admin.edit_forms import SOURCE_PURPOSE, SOURCE_PURPOSES, SOURCE_VISITS
from ingestion.domain import sources
from ingestion.domain.catalogue.deciding import CatalogueError
from ingestion.domain.sources import SourceError
from ingestion.models import Source, WriteKey
from streaming.editing import edits

Action = Callable[..., str]


def _action(change: Action) -> Callable[..., HttpResponse]:
    """A view of a change that returns what to say when it is made."""

    @require_POST
    @wraps(change)
    def view(request: HttpRequest, source_id: int, **which: int) -> HttpResponse:
        source = get_object_or_404(Source, pk=source_id)
        try:
            messages.success(request, change(request, source, **which))
        except (SourceError, CatalogueError) as wrong:
            messages.error(request, sentence(wrong))
        return redirect("admin:source", source_id=source.pk)

    return view


@_action
def rotate(request: HttpRequest, source: Source) -> str:
    """Give it a second key."""
    sources.rotate_write_key(source=source, by=actor_of(request), now=timezone.now())
    return "There is a second key. Change your clients to it, then disable the old one; both work until then."


@_action
def disable_key(request: HttpRequest, source: Source, key_id: int) -> str:
    """Stop taking events with a key."""
    key = get_object_or_404(WriteKey, pk=key_id, source=source)
    sources.disable_write_key(key=key, by=actor_of(request), now=timezone.now())
    return "The key is disabled: requests with it are answered 401 from now on."


@_action
def disable(request: HttpRequest, source: Source) -> str:
    """Stop taking its events."""
    sources.disable_source(source=source, by=actor_of(request), now=timezone.now())
    return f"{source.name} is disabled: nothing it sends is taken. What it sent before stays."


@_action
def enable(request: HttpRequest, source: Source) -> str:
    """Take its events again."""
    sources.enable_source(source=source, by=actor_of(request))
    return f"{source.name} is enabled: its events are taken again."


@edits(SOURCE_VISITS)
@_action
def visit_timeout(request: HttpRequest, source: Source) -> str:
    """Set when its visits end."""
    text = request.POST.get("minutes", "")
    minutes = int(text) if text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004 -- more is too long anyhow
    sources.set_visit_timeout(source=source, minutes=minutes, by=actor_of(request))
    return f"From now on a visit of {source.name} ends after {minutes} minutes without an event."


@edits(SOURCE_PURPOSE)
@_action
def purpose(request: HttpRequest, source: Source) -> str:
    """Set what it collects for."""
    sources.set_purpose(source=source, purpose=request.POST.get("purpose", ""), by=actor_of(request))
    if not source.purpose:
        return f"{source.name} collects for no purpose of its own: its events are taken whatever people consent to."
    return f"From now on {source.name} takes only events of people who may be used for: {source.purpose}."


@edits(SOURCE_PURPOSES)
@_action
def purposes(request: HttpRequest, source: Source) -> str:
    """Set what its data may be used for."""
    sources.set_purposes(source=source, purposes=request.POST.getlist("purpose"), by=actor_of(request))
    if not source.purposes:
        return f"What {source.name} sends is no longer limited to purposes, unless an event says so itself."
    return f"What {source.name} sends from now on may be used for: {', '.join(source.purposes)}."
