"""A plan as the traffic of a source suggests it, from what the catalogue learned. A draft for people to look through."""

from collections import defaultdict
from typing import Any

import orjson
from django.db.models import Sum

from ingestion.domain.plans.document import MAX_EVENTS, Plan
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
    wanted = [use for use in uses if use.key.kind == kind]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {use.key.name: _property(use) for use in wanted},
    }
    required = [use.key.name for use in wanted if events >= ENOUGH_EVENTS and use.events >= events]
    if required:
        schema["required"] = required
    return schema


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
