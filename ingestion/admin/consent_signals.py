"""What consent signals mean in the events of a source: a table to tick, proposals for it, and an example to try it on."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.consent import known_purposes
from compliance.signals import Meaning, Signal
from ingestion.admin.edit_forms import SOURCE_SIGNALS
from ingestion.domain import consent_signals
from ingestion.domain.consent_signals import SignalsError, known_names, open_purposes
from ingestion.models import Source
from streaming.editing import edits
from streaming.screens import render_part, render_screen

BLANK = 3  # lines for further categories
_TITLES = {
    Signal.CATEGORY: "Categories of your consent tool",
    Signal.GOOGLE: "Google Consent Mode",
    Signal.TCF: "IAB TCF",
}
_EXAMPLE: dict[str, Any] = {
    "context": {
        "consent": {
            "categoryPreferences": {"C0002": True, "C0004": False},
            "ad_storage": "denied",
            "analytics_storage": "granted",
        },
        "consentManagement": {"provider": "oneTrust", "allowedConsentIds": ["C0003"], "deniedConsentIds": []},
    }
}


class Row(NamedTuple):
    """A name, with what stands in the form for each purpose and whether it is ticked."""

    name: str
    title: str
    cells: list[tuple[str, str, bool]]


class Table(NamedTuple):
    """The names of one signal."""

    signal: Signal
    title: str
    rows: list[Row]


def page(request: HttpRequest, source_id: int) -> HttpResponse:
    """The page; with `propose` what is likely meant is ticked, and not kept."""
    source = get_object_or_404(Source, pk=source_id)
    is_proposal = "propose" in request.GET
    kept = consent_signals.meanings_of(source)
    return _page(
        request,
        source,
        [*kept, *(consent_signals.proposed() if is_proposal else ())],
        is_proposal=is_proposal,
    )


@require_POST
@edits(SOURCE_SIGNALS)
def save(request: HttpRequest, source_id: int) -> HttpResponse:
    """Keep what is ticked; what is wrong is said on the page, which keeps what was ticked."""
    source, wanted = get_object_or_404(Source, pk=source_id), list(_ticked(request.POST))
    try:
        consent_signals.decide(source, wanted, by=actor_of(request))
    except SignalsError as error:
        return _page(request, source, wanted, error=str(error), status=400)
    messages.success(request, f"Kept. It holds for what {source.name} sends from now on.")
    return redirect("admin:source_consent", source_id=source.pk)


@require_POST
def preview(request: HttpRequest, source_id: int) -> HttpResponse:
    """What the example would declare with what is ticked; nothing is kept."""
    get_object_or_404(Source, pk=source_id)
    return render_part(request, "ingestion/_consent_preview.html", _tried(list(_ticked(request.POST)), request.POST.get("example", "")))  # fmt: skip


def _page(
    request: HttpRequest,
    source: Source,
    ticked: list[Meaning],
    *,
    is_proposal: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    example = request.POST.get("example") or orjson.dumps(_EXAMPLE, option=orjson.OPT_INDENT_2).decode()
    names = {each.key: each.name for each in known_purposes()}
    purposes = [(rule.key, names[rule.key]) for rule in open_purposes()]
    context = {
        "title": "Consent signals",
        "source": source,
        "purposes": purposes,
        "tables": _tables(ticked, purposes),
        "blank": range(BLANK),
        "is_proposal": is_proposal,
        "error": error,
        "example": example,
        "has_meanings": bool(consent_signals.meanings_of(source)),
        **_tried(ticked, example),
    }
    return render_screen(request, "ingestion/consent_signals.html", context, status=status)


def _tried(ticked: list[Meaning], example: str) -> dict[str, Any]:
    names = {each.key: each.name for each in known_purposes()}
    try:
        tried = consent_signals.attempt(ticked, example)
    except SignalsError as error:
        return {"tried": None, "wrong": str(error)}
    return {"tried": tried, "declared": [(names[key], yes) for key, yes in tried.declared.items()]}


def _tables(ticked: list[Meaning], purposes: list[tuple[str, str]]) -> list[Table]:
    chosen = set(ticked)
    own = sorted({each.name for each in chosen if each.signal is Signal.CATEGORY})
    names = [(Signal.CATEGORY, name, name) for name in own] + [tuple(each) for each in known_names()]
    return [
        Table(signal, title, [_row(signal, name, words, purposes, chosen) for each, name, words in names if each is signal])
        for signal, title in _TITLES.items()
    ]  # fmt: skip


def _row(signal: Signal, name: str, title: str, purposes: list[tuple[str, str]], chosen: set[Meaning]) -> Row:
    cells = [
        (f"{signal}|{name}|{key}", words, Meaning(signal, name, key) in chosen) for key, words in purposes
    ]
    return Row(name, title, cells)


def _ticked(posted: QueryDict) -> Iterator[Meaning]:
    for each in posted.getlist("means"):
        signal, _, rest = each.partition("|")
        name, _, purpose = rest.rpartition("|")
        if signal in set(Signal):
            yield Meaning(Signal(signal), name, purpose)
    for number in range(BLANK):
        for purpose in posted.getlist(f"category-{number}-means"):
            yield Meaning(Signal.CATEGORY, posted.get(f"category-{number}", ""), purpose)
