"""The catalogue: events and keys, one event, one key; what people say of them is posted back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.enums import Category
from compliance.history import history
from compliance.models import Purpose
from compliance.sources import of_sources
from compliance.wording import sentence
from ingestion.admin.addresses import number, typed
from ingestion.admin.edit_forms import CATALOGUE_EVENT, CATALOGUE_KEY
from ingestion.admin.searches import CATALOGUE, filtered, sought
from ingestion.domain.catalogue.deciding import CatalogueError, accept_proposals, classify, describe
from ingestion.domain.catalogue.events import event_page
from ingestion.domain.catalogue.history import Entry
from ingestion.domain.catalogue.listing import (
    UNDECIDED,
    event_rows,
    events_of,
    findings,
    held_category,
    key_rows,
)
from ingestion.domain.plans.comparing import type_words
from ingestion.enums import KeyKind
from ingestion.models import CatalogueEvent, CatalogueKey, Source
from streaming.editing import edits
from streaming.row_ids import row_id
from streaming.screens import render_screen

SHOWN = 50
CATEGORIES = [each.value for each in Category if each is not Category.UNCLASSIFIED]


def listing(request: HttpRequest) -> HttpResponse:
    """Events by name; a filter is posted, and what is looked for never stands in the address."""
    if request.method == "POST":
        return filtered(request, "catalogue", "source", kind=CATALOGUE)
    source_id, text = number(request, "source"), sought(request, CATALOGUE)
    after = CatalogueEvent.objects.filter(pk=number(request, "after") or 0).first()
    rows = event_rows(
        actor_of(request), now=timezone.now(), source_id=source_id, text=text, after=after, limit=SHOWN + 1
    )
    context = {
        "title": "Event catalogue",
        "rows": rows[:SHOWN],
        "next": rows[SHOWN - 1].event.pk if len(rows) > SHOWN else None,
        "first": after is None,
        "findings": findings(actor_of(request)),
        "sources": of_sources(actor_of(request), Source.objects.all(), "pk"),
        "source_id": source_id,
        "text": text,
    }
    return render_screen(request, "ingestion/catalogue.html", context)


def keys(request: HttpRequest) -> HttpResponse:
    """Properties and traits by name, to be classified in bulk; filtered as events are."""
    if request.method == "POST":
        return filtered(request, "catalogue_keys", "kind", "category", kind=CATALOGUE)
    kind, category, text = (
        typed(request.GET, "kind"),
        typed(request.GET, "category"),
        sought(request, CATALOGUE),
    )
    kind = kind if kind in KeyKind.values else ""
    category = category if category in (*CATEGORIES, UNDECIDED) else ""
    after = CatalogueKey.objects.filter(pk=number(request, "after") or 0).first()
    rows = key_rows(actor_of(request), kind=kind, category=category, text=text, after=after, limit=SHOWN + 1)
    context = {
        "title": "Properties and traits",
        "rows": rows[:SHOWN],
        "next": rows[SHOWN - 1].key.pk if len(rows) > SHOWN else None,
        "first": after is None,
        "kinds": KeyKind.choices,
        "categories": CATEGORIES,
        "undecided": UNDECIDED,
        "kind": kind,
        "category": category,
        "text": text,
    }
    return render_screen(request, "ingestion/catalogue_keys.html", context)


@edits(CATALOGUE_EVENT)
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event; POST says what it is."""
    entry = get_object_or_404(CatalogueEvent, pk=event_id)
    if request.method == "POST" and _described(request, entry):
        return redirect("admin:catalogue_event", event_id=entry.pk)
    page = event_page(actor_of(request), entry, now=timezone.now())
    context = {
        "title": entry.name,
        "page": page,
        "uses": [(use, ", ".join(map(type_words, use.types))) for use in page.uses],
        "entry": entry,
        "form_name": CATALOGUE_EVENT.name,
        **_common(entry),
    }
    return render_screen(request, "ingestion/catalogue_event.html", context)


@edits(CATALOGUE_KEY)
def key(request: HttpRequest, key_id: int) -> HttpResponse:
    """One property or trait; POST says what it is, and of which category."""
    entry = get_object_or_404(CatalogueKey, pk=key_id)
    if request.method == "POST" and _described(request, entry):
        return redirect("admin:catalogue_key", key_id=entry.pk)
    context = {
        "title": entry.name,
        "entry": entry,
        "form_name": CATALOGUE_KEY.name,
        "held": held_category(entry),
        "events": events_of(actor_of(request), entry),
        "categories": CATEGORIES,
        **_common(entry),
    }
    return render_screen(request, "ingestion/catalogue_key.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Classify the chosen keys, or accept what is proposed of them."""
    chosen = [each for each in map(row_id, request.POST.getlist("key")) if each is not None]
    wanted = request.POST.get("category", "")
    if not chosen:
        messages.error(request, "Choose properties or traits first.")
        return redirect("admin:catalogue_keys")
    try:
        if wanted in CATEGORIES:
            changed = classify(chosen, Category(wanted), by=actor_of(request), now=timezone.now())
        else:
            changed = accept_proposals(chosen, by=actor_of(request), now=timezone.now())
    except CatalogueError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(
            request, f"{changed} of {len(chosen)} classified; masking follows within a second or two."
        )
    return redirect("admin:catalogue_keys")


def _described(request: HttpRequest, entry: CatalogueEvent | CatalogueKey) -> bool:
    """Whether what was posted is kept; else a message says why not."""
    actor, now = actor_of(request), timezone.now()
    try:
        describe(
            entry, description=typed(request.POST, "description", limit=4000), owner=typed(request.POST, "owner"),
            purposes=request.POST.getlist("purpose"), by=actor, now=now,
        )  # fmt: skip
        wanted = request.POST.get("category", "")
        if isinstance(entry, CatalogueKey) and wanted != entry.category:
            classify([entry.pk], Category(wanted) if wanted in CATEGORIES else None, by=actor, now=now)
    except CatalogueError as wrong:
        messages.error(request, sentence(wrong))
        return False
    messages.success(request, f"Saved what {entry.name} is.")
    return True


def _common(entry: Entry) -> dict[str, object]:
    return {"purposes": Purpose.objects.order_by("key"), "history": history(entry)}
