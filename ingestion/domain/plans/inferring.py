"""A plan as the traffic of a source suggests it, from what the catalogue learned. A draft for people to look through."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import Sum

from ingestion.domain.catalogue.nesting import names_an_id
from ingestion.domain.plans.document import MAX_EVENTS, Plan
from ingestion.domain.plans.fields import put
from ingestion.domain.plans.paths import EACH, ITEMS, Step, Steps
from ingestion.enums import KeyKind
from ingestion.models import CatalogueUse, CatalogueVolume

ENOUGH_EVENTS = 20  # before a key that was always there is taken for required
_ENOUGH_SEEN = 100  # values, before few of them are taken for all that are allowed
_FEW = 8
_RARE = 0.01  # a type in fewer of the values is a mistake, not meant
_TRAITS = ("identify", "group")


def infer(source_id: int) -> Plan:
    """The plan of what this source sent, as far as the catalogue knows it: the events it sends most."""
    totals = {
        row["event"]: row
        for row in CatalogueVolume.objects.filter(source=source_id)
        .order_by()
        .values("event", "event__type", "event__name")
        .annotate(events=Sum("events"))
        .order_by("-events")[:MAX_EVENTS]
    }
    uses: dict[int, list[CatalogueUse]] = defaultdict(list)
    for use in (
        CatalogueUse.objects.filter(source=source_id, event__in=totals)
        .select_related("key")
        .order_by("key__name")
    ):
        uses[use.event_id].append(use)
    return Plan(events={
        f"{row['event__type']}:{row['event__name']}": _schema(row["event__type"], row["events"], uses[number])
        for number, row in totals.items()
    })  # fmt: skip


def _schema(event_type: str, events: int, uses: list[CatalogueUse]) -> dict[str, Any]:
    kind = KeyKind.TRAIT if event_type in _TRAITS else KeyKind.PROPERTY
    wanted = {
        use.key.name: use
        for use in uses
        if use.key.kind == kind and not names_an_id(use.key.name, is_nested=use.key.is_nested)
    }
    schema: dict[str, Any] = {"type": "object"}
    for name, use in wanted.items():
        steps = _steps(name, wanted)
        if steps[0] is EACH:  # the policy says what becomes of ids at the top, as of all that is not planned
            continue
        # Of what stands in a list or under ids nobody counted in how many of them.
        is_counted = ITEMS not in steps and EACH not in steps and events >= ENOUGH_EVENTS
        always = is_counted and use.events >= _within_how_many(name, wanted, events)
        put(schema, steps, _property(use), is_required=always)
    return {"type": "object", "properties": {}, **schema}


def _steps(name: str, wanted: Mapping[str, CatalogueUse]) -> Steps:
    """Where a key of the catalogue stands: within another one that it begins with, if that is an object or a list."""
    above = _above(name, wanted)
    if above is None:
        return (_step(name),)
    rest = name[len(above) :]
    lists = len(rest) - len(rest := rest.lstrip("[]"))
    return (*_steps(above, wanted), *[ITEMS] * (lists // 2), _step(rest.removeprefix(".")))


def _step(name: str) -> Step:
    return EACH if name == EACH.value else name


def _above(name: str, wanted: Mapping[str, CatalogueUse]) -> str | None:
    ends = [place for place, each in enumerate(name) if place and each in ".["]
    return next((name[:end] for end in reversed(ends) if _holds(wanted.get(name[:end]), name[end])), None)


def _holds(use: CatalogueUse | None, mark: str) -> bool:
    return use is not None and ("array" if mark == "[" else "object") in use.types


def _within_how_many(name: str, wanted: Mapping[str, CatalogueUse], events: int) -> int:
    """In how many events there is something within which the key could stand."""
    above = _above(name, wanted)
    return events if above is None else wanted[above].events


def _property(use: CatalogueUse) -> dict[str, Any]:
    seen = sum(use.types.values())
    types = sorted(name for name, count in use.types.items() if count >= _RARE * seen)
    if "number" in types and "integer" in types:
        types.remove("integer")
    if not types:
        return {}
    known: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    values = [orjson.loads(each) for each in use.examples]
    if types == ["string"] and values and not use.has_more and seen >= _ENOUGH_SEEN and len(values) <= _FEW:
        known["enum"] = sorted(each for each in values if isinstance(each, str))
    return known
