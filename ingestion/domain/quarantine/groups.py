"""Groups of quarantined events: of one source and event, for one reason."""

from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db.models import Count, Max, Min, QuerySet

from compliance.access import Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import of_sources
from ingestion.domain.masking import Mask
from ingestion.domain.queries.permitted import require_permitted
from ingestion.enums import QuarantineState
from ingestion.models import Quarantined, Source

MOST = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Which events: `reason` as it stands in their rows."""

    source_id: int
    type: str
    name: str
    reason: str

    def open(self) -> QuerySet[Quarantined]:
        """Those that wait for a decision."""
        return Quarantined.objects.filter(
            state=QuarantineState.OPEN,
            source=self.source_id,
            type=self.type,
            name=self.name,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with how many wait in it. `sample` is the newest of them; `name` is for who may not see behaviour a mark or a pseudonym."""

    sample: int
    source: Source
    type: str
    name: str
    reason: str
    events: int
    first_at: datetime
    last_at: datetime


def groups(actor: Actor, *, source_id: int | None = None) -> list[GroupRow]:
    """The groups that wait for a decision, the largest first; at most MOST. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    waiting = of_sources(actor, Quarantined.objects.filter(state=QuarantineState.OPEN))
    if source_id is not None:
        waiting = waiting.filter(source=source_id)
    rows = list(
        waiting.order_by()
        .values("source", "type", "name", "reason")
        .annotate(
            events=Count("pk"), first_at=Min("received_at"), last_at=Max("received_at"), sample=Max("pk")
        )
        .order_by("-events", "-sample")[:MOST]
    )
    sources = Source.objects.in_bulk({row["source"] for row in rows})
    mask = Mask(actor)
    names = [mask.name(Category.BEHAVIOUR, row["name"]) for row in rows]
    record_read(
        actor,
        action="quarantine.list",
        categories=sorted(mask.seen),
        detail={"groups": len(rows)},
    )
    return [
        GroupRow(
            sample=row["sample"], source=sources[row["source"]], type=row["type"], name=name,
            reason=row["reason"], events=row["events"], first_at=row["first_at"], last_at=row["last_at"],
        )
        for row, name in zip(rows, names, strict=True)
    ]  # fmt: skip


def group_of(actor: Actor, sample_id: int) -> Group:
    """The group of an event in quarantine. Raises Quarantined.DoesNotExist, AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    row = Quarantined.objects.get(pk=sample_id)
    return Group(row.source_id, row.type, row.name, row.reason)


def message_id_of(actor: Actor, sample_id: int) -> str:
    """The message id of one of them, to trace it by. Raises AccessDenied, and Quarantined.DoesNotExist."""
    require(actor, Operation.EVENTS_VIEW)
    row = Quarantined.objects.only("message_id", "value").get(pk=sample_id)
    require_permitted(actor, orjson.loads(row.value) if row.value else {})
    categories = [] if masked(actor, Category.BEHAVIOUR) else [Category.BEHAVIOUR]
    record_read(actor, action="quarantine.open", target=f"quarantined:{row.pk}", categories=categories)
    return row.message_id
