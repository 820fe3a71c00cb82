"""Plans and what broke them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Sum

from compliance.access import MASK, Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
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
    """A rule that was broken in the last RECENT. `message_id` is that of one event that broke it, masked where needed."""

    type: str
    name: str
    reason: str
    action: str
    events: int
    last_at: datetime
    message_id: str


def plan_rows(actor: Actor, *, now: datetime) -> list[PlanRow]:
    """All sources. Raises AccessDenied."""
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
        for source in Source.objects.all()
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
        .annotate(total=Sum("events"), newest=Max("last_at"), one=Max("message_id"))
        .order_by("-total", "-newest")[:MOST]
    )
    hidden = masked(actor, Category.BEHAVIOUR)
    record_read(
        actor, action="plan.violations", target=f"plan:{source.pk}",
        categories=[] if hidden or not rows else [Category.BEHAVIOUR], detail={"rows": len(rows)},
    )  # fmt: skip
    return [
        ViolationRow(
            row["type"], MASK if hidden else row["name"], row["reason"], row["action"], row["total"], row["newest"],
            "" if hidden else row["one"],
        )
        for row in rows
    ]  # fmt: skip
