"""Looking through the catalogue: lists of events and of keys, without any example."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from compliance.access import Actor, category_of_property, category_of_trait, require
from compliance.enums import Category, Operation
from compliance.sources import of_sources, sees_all_sources
from ingestion.domain.catalogue.examples import category_of
from ingestion.domain.catalogue.nesting import outer_path, own_name
from ingestion.domain.catalogue.observing import Key
from ingestion.enums import KeyKind
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


def event_rows(
    actor: Actor, *, now: datetime, source_id: int | None = None, text: str = "", after: CatalogueEvent | None = None,
    limit: int,
) -> list[EventRow]:  # fmt: skip
    """Events by name, from behind `after` on. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    events = events_for(actor).order_by("name", "type")
    if source_id is not None:
        events = events.filter(pk__in=CatalogueVolume.objects.filter(source=source_id).values("event"))
    if text:
        events = events.filter(
            Q(name__icontains=text) | Q(description__icontains=text) | Q(owner__icontains=text)
        )
    if after is not None:
        events = events.filter(Q(name__gt=after.name) | Q(name=after.name, type__gt=after.type))
    return with_numbers(list(events[:limit]), now, actor)


def events_for(actor: Actor) -> QuerySet[CatalogueEvent]:
    """The events of sources that the actor may see."""
    if sees_all_sources(actor):
        return CatalogueEvent.objects.all()
    return CatalogueEvent.objects.filter(
        pk__in=of_sources(actor, CatalogueVolume.objects.all()).values("event")
    )


def with_numbers(events: Sequence[CatalogueEvent], now: datetime, actor: Actor) -> list[EventRow]:
    """These events with what the list says of each, by the sources that the actor may see."""
    start = now.date() - timedelta(days=DAYS - 1)
    ids = [event.pk for event in events]
    sources = Source.objects.in_bulk()
    days: dict[int, list[int]] = {number: [0] * DAYS for number in ids}
    of: dict[int, set[int]] = {number: set() for number in ids}
    volumes = of_sources(actor, CatalogueVolume.objects.filter(event__in=ids))
    for number, source, day, count in volumes.values_list("event", "source", "day", "events"):
        of[number].add(source)
        if start <= day <= now.date():
            days[number][(day - start).days] += count
    keys = dict(
        of_sources(actor, CatalogueUse.objects.filter(event__in=ids))
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
    if not sees_all_sources(actor):
        keys = keys.filter(pk__in=of_sources(actor, CatalogueUse.objects.all()).values("key"))
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
        of_sources(actor, CatalogueUse.objects.filter(key__in=[key.pk for key in found]))
        .order_by()
        .values_list("key")
        .annotate(events=Count("event", distinct=True))
    )
    return [KeyRow(key, held_category(key), events.get(key.pk, 0)) for key in found]


def held_category(key: CatalogueKey) -> Category:
    """The category that holds of a key: what was decided, else what its name says, else what it stands within."""
    if key.category or not key.is_nested:
        return category_of(Key(key.kind, key.name), key.category)
    category_at = category_of_trait if key.kind == KeyKind.TRAIT else category_of_property
    path = key.name
    while outer := outer_path(path):
        if (held := category_at(own_name(path), path)) is not Category.UNCLASSIFIED:
            return held
        path = outer
    return category_at(path)


def events_of(actor: Actor, key: CatalogueKey) -> list[CatalogueEvent]:
    """In which events of sources that the actor may see the key stands; at most MOST_KEYS."""
    uses = of_sources(actor, CatalogueUse.objects.filter(key=key))
    return list(CatalogueEvent.objects.filter(pk__in=uses.values("event"))[:MOST_KEYS])


def findings(actor: Actor) -> list[CatalogueFinding]:
    """Sources that send more names than people can have meant, of those that the actor may see."""
    found = of_sources(actor, CatalogueFinding.objects.select_related("source"))
    return list(found.order_by("-last_seen_at")[:20])
