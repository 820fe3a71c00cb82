"""Drafts and versions of plans: drafted, published, gone back to, stopped. A published version never changes."""

import json
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.plans.document import Plan, PlanError
from ingestion.domain.plans.inferring import infer
from ingestion.domain.plans.sight import require_sight, without_examples
from ingestion.domain.storable import NotStorable, check_storable
from ingestion.models import PlanVersion, Source, TrackingPlan

MAX_NOTE = 300


def save_draft(source: Source, document: object, *, by: Actor, now: datetime) -> TrackingPlan:
    """Keep this as the draft of the source's plan. Nothing is checked by it until it is published. Raises PlanError."""
    return change_draft(source, lambda _: document, by=by, now=now)


def change_draft(
    source: Source, change: Callable[[Plan], object], *, by: Actor, now: datetime
) -> TrackingPlan:
    """Have the draft be what `change` makes of it; nobody else changes it meanwhile. Raises PlanError, and what `change` does.

    New rules about values take sight of such values (ClosedRule).
    """
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        TrackingPlan.objects.get_or_create(source=source, defaults={"draft_changed_at": now})
        kept = TrackingPlan.objects.select_for_update().get(source=source)
        before = Plan.from_json(kept.draft)
        plan = _planned(change(before))
        require_sight(by, source, plan.events, before=before.events)
        kept.draft, kept.draft_changed_at = plan.to_json(), now
        kept.save(update_fields=["draft", "draft_changed_at"])
        record_change(
            by,
            action="plan.draft",
            target=f"plan:{source.pk}",
            detail={"name": source.name, "events": len(plan.events)},
        )
    return kept


def _planned(document: object) -> Plan:
    try:
        check_storable(document)
    except NotStorable as wrong:
        raise PlanError(f"the plan cannot be kept: {wrong}") from None
    return Plan.from_json(document)


def draft_from_traffic(source: Source, *, by: Actor, now: datetime) -> TrackingPlan:
    """Have the draft be what the source sends, with the policy of the draft before. Raises PlanError without traffic.

    Values that were seen become rules only where they are not sensitive, and clear to who drafts.
    """
    require(by, Operation.SOURCES_MANAGE)
    found = infer(source.pk)
    if not found.events:
        raise PlanError(
            f"the catalogue knows no event of {source.name} yet: send some, or write the plan by hand"
        )
    without_examples(by, source, found.events)
    return change_draft(source, lambda draft: Plan(draft.policy, found.events).to_json(), by=by, now=now)


def publish(plan: TrackingPlan, *, note: str, by: Actor, now: datetime) -> PlanVersion:
    """Make the draft the version that holds, within a second or two wherever events are accepted. Raises PlanError.

    A draft that holds already, as when it is sent twice, is the version that it was.
    """
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        plan = TrackingPlan.objects.select_for_update().get(pk=plan.pk)
        document = Plan.from_json(plan.draft)
        if not document.events:
            raise PlanError("the draft has no event: infer it from traffic, or add one")
        last = plan.versions.order_by("-number").first()
        if (
            last is not None
            and last.pk == plan.published_id
            and _text(last.document) == _text(document.to_json())
        ):
            return last
        _require_sight(plan, document, by)
        version = PlanVersion.objects.create(
            plan=plan, number=last.number + 1 if last else 1, document=document.to_json(), published_at=now,
            published_by=by.name, note=note[:MAX_NOTE],
        )  # fmt: skip
        _hold(plan, version, by)
    return version


def go_back(plan: TrackingPlan, version: PlanVersion, *, by: Actor) -> None:
    """Have an earlier version hold again; the draft stays. Raises PlanError."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        plan = TrackingPlan.objects.select_for_update().get(pk=plan.pk)
        _require_sight(plan, Plan.from_json(version.document), by)
        _hold(plan, version, by)


def stop(plan: TrackingPlan, *, by: Actor) -> None:
    """Check nothing any more. Versions, draft and what is in quarantine stay."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        TrackingPlan.objects.filter(pk=plan.pk).update(published=None)
        record_change(by, action="plan.stop", target=f"plan:{plan.source_id}", detail={})


def _require_sight(plan: TrackingPlan, document: Plan, by: Actor) -> None:
    """Raise ClosedRule if this would have a rule hold that tells values closed to who publishes, and does not hold yet."""
    held = Plan.from_json(plan.published.document) if plan.published else Plan()
    require_sight(by, plan.source, document.events, before=held.events)


def _text(document: object) -> str:
    return json.dumps(document, sort_keys=True)  # for 1 is equal to true, and is another rule


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
