"""Arriving events for the live page."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Collate, Lower, Trim

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.domain.people import PersonIds
from ingestion.domain.queries.settled import Span
from ingestion.models import LiveEvent

MAX_PAGE = 500
MOST_SOUGHT = 50_000  # events whose content one look reads: a tenth of a second


@dataclass(frozen=True, slots=True)
class LiveFilter:
    """What to show; what is None or empty shows all. `text` is looked for in the content only with `in_content`.

    `person` is by the id that stands in an address, and `ids` are what that person's events carry (`ids_of_person`): it
    narrows to events that carry one of them; who is behind each is for `watch` to say. `before` is the id of an event.
    Only sources that `seen_by` may see are shown.
    """

    source_id: int | None = None
    type: str = ""
    name: str = ""
    result: str = ""
    text: str = ""
    in_content: bool = False
    since: datetime | None = None
    until: datetime | None = None
    person: UUID | None = None
    ids: PersonIds | None = None
    before: int | None = None
    seen_by: Actor | None = None

    @property
    def is_dear(self) -> bool:
        """Whether the content of each event has to be read, and nothing else says which few."""
        return bool(self.text or self.ids) and self.until is None


def live_events(
    *, span: Span | None = None, filters: LiveFilter | None = None, limit: int = 100
) -> list[LiveEvent]:
    """The newest `limit` items, of the ids in `span` if one is given, newest first."""
    wanted = filters or LiveFilter()
    rows = of_sources(wanted.seen_by, LiveEvent.objects.select_related("source").order_by("-id"))
    exact = {
        "source_id": wanted.source_id, "type": wanted.type, "name": wanted.name, "result": wanted.result,
    }  # fmt: skip
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    spans: dict[str, datetime | int | None] = {
        "at__gte": wanted.since, "at__lte": wanted.until, "id__lt": wanted.before,
    }  # fmt: skip
    if span is not None:
        spans |= {"id__gt": span.after, "id__lte": span.mark}
    rows = rows.filter(**{field: value for field, value in spans.items() if value})
    if wanted.text:
        rows = _mentioning(rows, wanted)
    if wanted.ids:
        rows = _carrying(rows, wanted.ids)
    return list(rows[: min(limit, MAX_PAGE)])


class Left(NamedTuple):
    """What a look did not read: events with ids below `before`, which came until `at`."""

    before: int
    at: datetime


def within_reach(span: Span, wanted: LiveFilter) -> tuple[Span, Left | None]:
    """The newest part of the span, as much as one look may read, and what is left of it for others."""
    newest = span.mark if wanted.before is None else min(span.mark, wanted.before - 1)
    lowest = newest - MOST_SOUGHT
    if not wanted.is_dear or lowest <= span.after:
        return span, None
    older = LiveEvent.objects.filter(id__gt=span.after, id__lte=lowest).order_by("-id")
    at = older.values_list("at", flat=True).first()
    return Span(lowest, span.mark), Left(lowest + 1, at) if at else None


def arrived_at(event_id: int) -> datetime | None:
    """When an event arrived; None when it is no longer kept."""
    return LiveEvent.objects.filter(pk=event_id).values_list("at", flat=True).first()


def _mentioning(rows: QuerySet[LiveEvent], wanted: LiveFilter) -> QuerySet[LiveEvent]:
    """Those in which the text stands, in whatever case. Letters of ASCII are compared as bytes, in a tenth of the time."""
    collation = "C" if wanted.text.isascii() else "default"
    fields = ("name", "message_id", "reason", *(("raw",) if wanted.in_content else ()))
    places = {f"{field}_said": Collate(field, collation) for field in fields}
    said = (Q(**{f"{place}__icontains": wanted.text}) for place in places)
    return rows.alias(**places).filter(reduce(or_, said))


def _carrying(rows: QuerySet[LiveEvent], ids: PersonIds) -> QuerySet[LiveEvent]:
    """Those that may be the person's: they carry one of the ids, in whatever case and with spaces around it."""
    carried = {"user_id": ids.user_ids, "anonymous_id": ids.anonymous_ids}
    places = {f"said_{key}": _carried(key) for key in carried}
    said = (
        Q(**{f"said_{key}__in": [_as_carried(each) for each in values]}) for key, values in carried.items()
    )
    return rows.alias(**places).filter(reduce(or_, said))


def _carried(key: str) -> Lower:
    """The first text of this key, which in the log's form is the event's own."""
    behind = Func(F("raw"), Value(f'"{key}":"'), Value(2), function="split_part")
    return Lower(Trim(Func(behind, Value('"'), Value(1), function="split_part", output_field=TextField())))


def _as_carried(value: str) -> str:
    """What `_carried` reads where the value stands."""
    return orjson.dumps(value)[1:-1].decode().partition('"')[0].strip().lower()
