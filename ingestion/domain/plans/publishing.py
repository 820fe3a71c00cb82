"""Drafts and versions of plans: drafted, published, gone back to, stopped. A published version never changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.plans.document import Plan, PlanError
from ingestion.domain.plans.inferring import infer
from ingestion.models import PlanVersion, Source, TrackingPlan

MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two plans: in an event (`type:name`), or in the policy."""

    where: str
    what: str


def save_draft(source: Source, document: object, *, by: Actor, now: datetime) -> TrackingPlan:
    """Keep this as the draft of the source's plan. Nothing is checked by it until it is published. Raises PlanError."""
    require(by, Operation.SOURCES_MANAGE)
    plan = Plan.from_json(document)
    with transaction.atomic():
        kept, _ = TrackingPlan.objects.update_or_create(
            source=source, defaults={"draft": plan.to_json(), "draft_changed_at": now}
        )
        record_change(
            by,
            action="plan.draft",
            target=f"plan:{source.pk}",
            detail={"name": source.name, "events": len(plan.events)},
        )
    return kept


def draft_from_traffic(source: Source, *, by: Actor, now: datetime) -> TrackingPlan:
    """Have the draft be what the source sends, with the policy of the draft before. Raises PlanError without traffic."""
    require(by, Operation.SOURCES_MANAGE)
    found = infer(source.pk)
    if not found.events:
        raise PlanError(
            f"the catalogue knows no event of {source.name} yet: send some, or write the plan by hand"
        )
    before = TrackingPlan.objects.filter(source=source).values_list("draft", flat=True).first()
    policy = Plan.from_json(before).policy if before else found.policy
    return save_draft(source, Plan(policy, found.events).to_json(), by=by, now=now)


def publish(plan: TrackingPlan, *, note: str, by: Actor, now: datetime) -> PlanVersion:
    """Make the draft the version that holds, within a second or two wherever events are accepted. Raises PlanError."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        plan = TrackingPlan.objects.select_for_update().get(pk=plan.pk)
        document = Plan.from_json(plan.draft)
        if not document.events:
            raise PlanError("the draft has no event: infer it from traffic, or add one")
        last = plan.versions.order_by("-number").first()
        version = PlanVersion.objects.create(
            plan=plan, number=last.number + 1 if last else 1, document=document.to_json(), published_at=now,
            published_by=by.name, note=note[:MAX_NOTE],
        )  # fmt: skip
        _hold(plan, version, by)
    return version


def go_back(plan: TrackingPlan, version: PlanVersion, *, by: Actor) -> None:
    """Have an earlier version hold again; the draft stays."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        _hold(TrackingPlan.objects.select_for_update().get(pk=plan.pk), version, by)


def stop(plan: TrackingPlan, *, by: Actor) -> None:
    """Check nothing any more. Versions, draft and what is in quarantine stay."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        TrackingPlan.objects.filter(pk=plan.pk).update(published=None)
        record_change(by, action="plan.stop", target=f"plan:{plan.source_id}", detail={})


def _hold(plan: TrackingPlan, version: PlanVersion, by: Actor) -> None:
    if version.plan_id != plan.pk:
        raise PlanError("this version is another plan's")
    TrackingPlan.objects.filter(pk=plan.pk).update(published=version)
    record_change(
        by,
        action="plan.publish",
        target=f"plan:{plan.source_id}",
        detail={"name": f"version {version.number}"},
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """In what two documents differ, in words."""
    found = [
        Difference("policy", f"{kind}: {before.get('policy', {}).get(kind, '—')} → {action}")
        for kind, action in after.get("policy", {}).items()
        if before.get("policy", {}).get(kind) != action
    ]
    old, new = before.get("events", {}), after.get("events", {})
    found += [Difference(name, "new event") for name in sorted(new.keys() - old.keys())]
    found += [Difference(name, "no longer planned") for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        found += [Difference(name, what) for what in _changes(old[name], new[name])]
    return found


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    if old == new:
        return []
    before, after = old.get("properties") or {}, new.get("properties") or {}
    needed, needs = set(old.get("required") or ()), set(new.get("required") or ())
    told = [f"`{key}` is new" for key in sorted(after.keys() - before.keys())]
    told += [f"`{key}` is no longer planned" for key in sorted(before.keys() - after.keys())]
    told += [f"`{key}` changes" for key in sorted(before.keys() & after.keys()) if before[key] != after[key]]
    told += [f"`{key}` is required" for key in sorted(needs - needed)]
    told += [f"`{key}` is no longer required" for key in sorted(needed - needs)]
    return told or ["other rules change"]
