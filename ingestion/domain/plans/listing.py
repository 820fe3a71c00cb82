"""Plans and what broke them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, Sum

from compliance.access import Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import of_sources
from ingestion.domain.masking import Mask
from ingestion.enums import QuarantineState
from ingestion.models import PlanViolation, Quarantined, Source, TrackingPlan

RECENT = timedelta(days=7)
MOST = 100


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A source with its plan, if it has one, and what broke it in the last RECENT."""

    source: Source
    plan: TrackingPlan | None
    violations: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """A rule that was broken in the last RECENT. `example` is where the message id of one event that broke it is kept.

    `waiting` is that event in quarantine, while it waits there for a decision.
    """

    type: str
    name: str
    reason: str
    action: str
    events: int
    last_at: datetime
    example: int | None
    waiting: int | None


def plan_rows(actor: Actor, *, now: datetime) -> list[PlanRow]:
    """All sources that the actor may see. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    plans = {plan.source_id: plan for plan in TrackingPlan.objects.select_related("published")}
    broken = _sums(
        PlanViolation.objects.filter(day__gte=(now - RECENT).date()).order_by().values_list("source")
    )
    waiting = dict(
        Quarantined.objects.filter(state=QuarantineState.OPEN)
        .order_by()
        .values_list("source")
        .annotate(n=Sum(1))
    )
    return [
        PlanRow(source, plans.get(source.pk), broken.get(source.pk, 0), waiting.get(source.pk, 0))
        for source in of_sources(actor, Source.objects.all(), "pk")
    ]


def _sums(by_source: Any) -> dict[int, int]:
    return dict(by_source.annotate(total=Sum("events")))


def violations(actor: Actor, source: Source, *, now: datetime) -> list[ViolationRow]:
    """What broke the source's plan in the last RECENT, the most frequent first; at most MOST. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    rows = (
        PlanViolation.objects.filter(source=source, day__gte=(now - RECENT).date())
        .order_by()
        .values("type", "name", "reason", "action")
        .annotate(total=Sum("events"), newest=Max("last_at"), one=Max("pk", filter=~Q(message_id="")))
        .order_by("-total", "-newest")[:MOST]
    )
    hidden, mask = masked(actor, Category.BEHAVIOUR), Mask(actor)
    names = [mask.name(Category.BEHAVIOUR, row["name"]) for row in rows]
    record_read(
        actor, action="plan.violations", target=f"plan:{source.pk}",
        categories=sorted(mask.seen), detail={"rows": len(rows)},
    )  # fmt: skip
    waiting = _waiting(source, [row["one"] for row in rows if row["one"] is not None])
    return [
        ViolationRow(
            row["type"], name, row["reason"], row["action"], row["total"], row["newest"],
            None if hidden else row["one"], waiting.get(row["one"]),
        )
        for row, name in zip(rows, names, strict=True)
    ]  # fmt: skip


def _waiting(source: Source, examples: Sequence[int]) -> dict[int, int]:
    """The examples that wait in quarantine, each with the id of its event there."""
    named = dict(PlanViolation.objects.filter(pk__in=examples).values_list("pk", "message_id"))
    there = Quarantined.objects.filter(
        source=source, state=QuarantineState.OPEN, message_id__in=set(named.values())
    ).order_by("pk")
    events = dict(there.values_list("message_id", "pk"))
    return {example: events[message] for example, message in named.items() if message in events}


def example_of(actor: Actor, violation_id: int) -> str:
    """The message id of an event that broke a rule. Raises PlanViolation.DoesNotExist, AccessDenied."""
    require(actor, Operation.EVENTS_VIEW)
    message_id = PlanViolation.objects.get(pk=violation_id).message_id
    categories = [] if masked(actor, Category.BEHAVIOUR) else [Category.BEHAVIOUR]
    record_read(actor, action="plan.violation", target=f"violation:{violation_id}", categories=categories)
    return message_id
