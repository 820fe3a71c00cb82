"""Looking through the catalogue: events, keys, and one event with its keys. Examples only as far as the viewer may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db.models import Count, Q, QuerySet, Sum

from compliance.access import MASK, Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.catalogue.examples import category_of
from ingestion.domain.catalogue.observing import Key
from ingestion.domain.masking import Mask
from ingestion.models import (
    CatalogueEvent,
    CatalogueFinding,
    CatalogueKey,
    CatalogueUse,
    CatalogueVolume,
    Source,
)

RECENT = timedelta(days=7)
DAYS = 14
MOST_KEYS = 500
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in the list. `days` are the numbers of the last DAYS days, the newest last."""

    event: CatalogueEvent
    recent: int
    days: list[int]
    sources: list[Source]
    keys: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in the list, with the category that holds."""

    key: CatalogueKey
    category: Category
    events: int

    @property
    def has_other_proposal(self) -> bool:
        """Whether name or content suggest something that nobody decided on."""
        return not self.key.category and self.key.proposed not in ("", Category.UNCLASSIFIED)


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


def event_rows(
    actor: Actor, *, now: datetime, source_id: int | None = None, text: str = "", after: CatalogueEvent | None = None,
    limit: int,
) -> list[EventRow]:  # fmt: skip
    """Events by name, from behind `after` on. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    events = CatalogueEvent.objects.order_by("name", "type")
    if source_id is not None:
        events = events.filter(pk__in=CatalogueVolume.objects.filter(source=source_id).values("event"))
    if text:
        events = events.filter(
            Q(name__icontains=text) | Q(description__icontains=text) | Q(owner__icontains=text)
        )
    if after is not None:
        events = events.filter(Q(name__gt=after.name) | Q(name=after.name, type__gt=after.type))
    return _with_numbers(list(events[:limit]), now)


def _with_numbers(events: Sequence[CatalogueEvent], now: datetime) -> list[EventRow]:
    start = now.date() - timedelta(days=DAYS - 1)
    ids = [event.pk for event in events]
    sources = Source.objects.in_bulk()
    days: dict[int, list[int]] = {number: [0] * DAYS for number in ids}
    of: dict[int, set[int]] = {number: set() for number in ids}
    for number, source, day, count in CatalogueVolume.objects.filter(event__in=ids).values_list(
        "event", "source", "day", "events"
    ):
        of[number].add(source)
        if start <= day <= now.date():
            days[number][(day - start).days] += count
    keys = dict(
        CatalogueUse.objects.filter(event__in=ids)
        .order_by()
        .values_list("event")
        .annotate(keys=Count("key", distinct=True))
    )
    return [
        EventRow(
            event, sum(days[event.pk][-RECENT.days :]), days[event.pk],
            sorted((sources[each] for each in of[event.pk]), key=lambda each: each.name), keys.get(event.pk, 0),
        )
        for event in events
    ]  # fmt: skip


def key_rows(
    actor: Actor,
    *,
    kind: str = "",
    category: str = "",
    text: str = "",
    after: CatalogueKey | None = None,
    limit: int,
) -> list[KeyRow]:
    """Keys by name, from behind `after` on; `category` may be UNDECIDED. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    keys = CatalogueKey.objects.order_by("name", "kind")
    if kind:
        keys = keys.filter(kind=kind)
    if category == UNDECIDED:
        keys = keys.filter(category="")
    elif category:
        keys = keys.filter(Q(category=category) | Q(category="", proposed=category))
    if text:
        keys = keys.filter(
            Q(name__icontains=text) | Q(description__icontains=text) | Q(owner__icontains=text)
        )
    if after is not None:
        keys = keys.filter(Q(name__gt=after.name) | Q(name=after.name, kind__gt=after.kind))
    found = list(keys[:limit])
    events = dict(
        CatalogueUse.objects.filter(key__in=[key.pk for key in found])
        .order_by()
        .values_list("key")
        .annotate(events=Count("event", distinct=True))
    )
    return [KeyRow(key, held_category(key), events.get(key.pk, 0)) for key in found]


def held_category(key: CatalogueKey) -> Category:
    """The category that holds of a key: what was decided, else what its name says."""
    return category_of(Key(key.kind, key.name), key.category)


def event_page(actor: Actor, event: CatalogueEvent, *, now: datetime) -> EventPage:
    """One event with its keys; showing examples is audited. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    [row] = _with_numbers([event], now)
    ordered = (
        CatalogueUse.objects.filter(event=event).select_related("key").order_by("key__kind", "key__name")
    )
    uses = _uses(actor, ordered, f"event:{event.name}", _total(event))
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


def _total(event: CatalogueEvent) -> int:
    return CatalogueVolume.objects.filter(event=event).aggregate(total=Sum("events"))["total"] or 0


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
    events = CatalogueEvent.objects.order_by("pk")
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
        CatalogueVolume.objects.filter(event__in=ids)
        .order_by()
        .values_list("event")
        .annotate(total=Sum("events"))
    )
    uses: dict[int, list[CatalogueUse]] = {}
    found = CatalogueUse.objects.filter(event__in=ids).defer("examples").select_related("key")
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
        for row in _with_numbers(events, now)
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
    hidden = bool(examples) and mask.hides(category)
    shown = (
        [MASK]
        if hidden
        else [_text(each) for each in sorted(examples, key=lambda each: (-examples[each], each))[:5]]
    )
    return UseRow(
        key, category, sorted(types, key=lambda name: -types[name]),
        min(1.0, sum(use.events for use in uses) / total) if total else 0.0, shown, hidden,
        any(use.has_more for use in uses), max(use.last_seen_at for use in uses),
    )  # fmt: skip


def _text(example: str) -> str:
    value: Any = orjson.loads(example)
    return value if isinstance(value, str) else example


def events_of(key: CatalogueKey) -> list[CatalogueEvent]:
    """In which events the key stands; at most MOST_KEYS."""
    return list(CatalogueEvent.objects.filter(pk__in=key.uses.values("event"))[:MOST_KEYS])


def findings() -> list[CatalogueFinding]:
    """Sources that send more names than people can have meant."""
    return list(CatalogueFinding.objects.select_related("source").order_by("-last_seen_at")[:20])
