"""Events of the catalogue with their keys. Examples only as far as the viewer may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db.models import QuerySet, Sum

from compliance.access import MASK, Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import of_sources
from ingestion.domain.catalogue.listing import (
    DAYS,
    MOST_KEYS,
    EventRow,
    events_for,
    held_category,
    with_numbers,
)
from ingestion.domain.masking import Mask
from ingestion.models import CatalogueEvent, CatalogueKey, CatalogueUse, CatalogueVolume, Source


@dataclass(frozen=True, slots=True)
class UseRow:
    """A key of an event, over all sources. `share` is in which part of the events it stands, at most 1."""

    key: CatalogueKey
    category: Category
    types: list[str]
    share: float
    examples: list[str]
    is_masked: bool
    has_more: bool
    last_seen_at: datetime

    @property
    def is_mixed(self) -> bool:
        """Whether it comes with types that no program expects together; whole numbers are numbers, and null is none."""
        return len({"number" if each == "integer" else each for each in self.types} - {"null"}) > 1


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event. `volumes` has the numbers by day for each source, from `start` on."""

    row: EventRow
    uses: list[UseRow]
    start: date
    volumes: list[tuple[Source, list[int]]] = field(default_factory=list)


def event_page(actor: Actor, event: CatalogueEvent, *, now: datetime) -> EventPage:
    """One event with its keys; showing examples is audited. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    [row] = with_numbers([event], now, actor)
    ordered = (
        of_sources(actor, CatalogueUse.objects.filter(event=event))
        .select_related("key")
        .order_by("key__kind", "key__name")
    )
    uses = _uses(actor, ordered, f"event:{event.name}", _total(actor, event))
    start = now.date() - timedelta(days=DAYS - 1)
    volumes: list[tuple[Source, list[int]]] = []
    for source in row.sources:
        numbers = [0] * DAYS
        for day, count in CatalogueVolume.objects.filter(
            event=event, source=source, day__gte=start
        ).values_list("day", "events"):
            if day <= now.date():
                numbers[(day - start).days] += count
        volumes.append((source, numbers))
    return EventPage(row, uses, start, volumes)


def _total(actor: Actor, event: CatalogueEvent) -> int:
    volumes = of_sources(actor, CatalogueVolume.objects.filter(event=event))
    return volumes.aggregate(total=Sum("events"))["total"] or 0


def _uses(actor: Actor, uses: QuerySet[CatalogueUse], target: str, total: int) -> list[UseRow]:
    mask = Mask(actor)
    rows = [_merged(each, mask, total) for each in list(_by_key(uses[: MOST_KEYS * 4]).values())[:MOST_KEYS]]
    if any(row.examples and not row.is_masked for row in rows):
        record_read(actor, action="catalogue.examples", target=target, categories=sorted(mask.seen))
    return rows


def _by_key(uses: Iterable[CatalogueUse]) -> dict[int, list[CatalogueUse]]:
    merged: dict[int, list[CatalogueUse]] = {}
    for use in uses:
        merged.setdefault(use.key_id, []).append(use)
    return merged


@dataclass(frozen=True, slots=True)
class Described:
    """An event with its keys, without examples."""

    row: EventRow
    uses: list[UseRow]


@dataclass(frozen=True, slots=True)
class DescribedPage:
    """A page of events in the order in which they were first seen."""

    events: list[Described]
    has_next: bool
    has_previous: bool


def described_events(
    actor: Actor, *, now: datetime, after: int | None = None, before: int | None = None, limit: int
) -> DescribedPage:
    """Events with their keys and no values: behind `after`, or the ones right before `before`. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    events = events_for(actor).order_by("pk")
    if before is not None:
        found = list(events.filter(pk__lt=before).order_by("-pk")[: limit + 1])
        page, more = found[:limit][::-1], len(found) > limit
        has_next, has_previous = True, more
    else:
        found = list(events.filter(pk__gt=after or 0)[: limit + 1])
        page, has_next, has_previous = found[:limit], len(found) > limit, after is not None
    return DescribedPage(_described(actor, page, now), has_next and bool(page), has_previous and bool(page))


def _described(actor: Actor, events: Sequence[CatalogueEvent], now: datetime) -> list[Described]:
    ids = [event.pk for event in events]
    totals = dict(
        of_sources(actor, CatalogueVolume.objects.filter(event__in=ids))
        .order_by()
        .values_list("event")
        .annotate(total=Sum("events"))
    )
    uses: dict[int, list[CatalogueUse]] = {}
    theirs = of_sources(actor, CatalogueUse.objects.filter(event__in=ids))
    found = theirs.defer("examples").select_related("key")
    for use in found.order_by("key__kind", "key__name"):
        use.examples = {}
        uses.setdefault(use.event_id, []).append(use)
    mask = Mask(actor)
    return [
        Described(
            row,
            [
                _merged(each, mask, totals.get(row.event.pk, 0))
                for each in _by_key(uses.get(row.event.pk, [])).values()
            ],
        )
        for row in with_numbers(events, now, actor)
    ]


def _merged(uses: list[CatalogueUse], mask: Mask, total: int) -> UseRow:
    """The rows of a key of several sources as one."""
    key, category = uses[0].key, held_category(uses[0].key)
    types: dict[str, int] = {}
    examples: dict[str, int] = {}
    for use in uses:
        for name, count in use.types.items():
            types[name] = types.get(name, 0) + count
        for text, count in use.examples.items():
            examples[text] = examples.get(text, 0) + count
    if mask.omits(category):
        examples = {}
    most = [_text(each) for each in sorted(examples, key=lambda each: (-examples[each], each))[:5]]
    shown = [value for each in most if (value := mask.value(category, each)) is not None]
    hidden = bool(most) and not shown
    if hidden:
        shown = [MASK]
    return UseRow(
        key, category, sorted(types, key=lambda name: -types[name]),
        min(1.0, sum(use.events for use in uses) / total) if total else 0.0, shown, hidden,
        bool(examples) and any(use.has_more for use in uses), max(use.last_seen_at for use in uses),
    )  # fmt: skip


def _text(example: str) -> str:
    value: Any = orjson.loads(example)
    return value if isinstance(value, str) else example
