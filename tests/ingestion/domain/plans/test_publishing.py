"""Plans inferred from traffic, published, compared, gone back to and stopped."""

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.access import AccessDenied, Actor
from compliance.models import AuditEntry
from ingestion.domain.plans.document import Plan, PlanError
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.publishing import (
    Difference,
    differences,
    draft_from_traffic,
    go_back,
    publish,
    save_draft,
    stop,
)
from ingestion.models import PlanVersion
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.ingestion.domain.conftest import BY

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOBODY = Actor(BY.kind, "nobody", frozenset(), frozenset())


def version_of(source):
    rules = load_rules().get(source.pk)
    event: Any = {"type": "track", "event": "Order Completed", "properties": {}, "traits": {}}
    if rules is not None:
        rules.recheck(event)
    return event.get("schema_version")


def test_a_plan_is_inferred_from_what_the_source_sends(source):
    items: list[dict[str, Any]] = [
        {"properties": {"total": n + 0.5 * (n % 2), "currency": "EUR" if n % 2 else "USD", "id": f"O-{n}"}}
        for n in range(100)
    ]
    items += [{"properties": {"total": 1, "currency": "EUR", "id": "O", "coupon": None}}]
    learn(
        *(record(item, source) for item in items),
        record({"type": "identify", "traits": {"plan": "gold"}}, source),
    )
    plan = draft_from_traffic(source, by=BY, now=NOW)
    assert plan.draft["events"]["track:Order Completed"] == {
        "type": "object", "required": ["currency", "id", "total"],
        "properties": {
            "total": {"type": "number"}, "currency": {"type": "string", "enum": ["EUR", "USD"]}, "id": {"type": "string"},
            "coupon": {},
        },
    }  # fmt: skip
    assert plan.draft["events"]["identify:identify"] == {
        "type": "object",
        "properties": {"plan": {"type": "string"}},
    }
    assert plan.published is None
    assert version_of(source) is None


def test_without_traffic_nothing_is_inferred(source):
    with pytest.raises(PlanError, match="knows no event of web"):
        draft_from_traffic(source, by=BY, now=NOW)


def test_versions_hold_one_at_a_time_and_never_change(source):
    first = {"events": {"track:A": {"properties": {"a": {"type": "string"}}}}}
    plan = save_draft(source, first, by=BY, now=NOW)
    one = publish(plan, note="the first", by=BY, now=NOW)
    assert version_of(source) == "1"
    save_draft(source, {"events": {"track:B": {}}}, by=BY, now=NOW)
    assert version_of(source) == "1"
    publish(plan, note="", by=BY, now=NOW)
    assert version_of(source) == "2"
    go_back(plan, one, by=BY)
    assert version_of(source) == "1"
    stop(plan, by=BY)
    assert version_of(source) is None
    assert [(each.number, each.note) for each in PlanVersion.objects.order_by("number")] == [
        (1, "the first"),
        (2, ""),
    ]
    assert PlanVersion.objects.get(number=1).document == Plan.from_json(first).to_json()
    assert AuditEntry.objects.filter(action__in=["plan.publish", "plan.stop"]).count() == 4


def test_who_may_not_manage_sources_changes_no_plan(source):
    plan = save_draft(source, {"events": {"track:A": {}}}, by=BY, now=NOW)
    for change in (
        lambda: save_draft(source, {}, by=NOBODY, now=NOW), lambda: publish(plan, note="", by=NOBODY, now=NOW),
        lambda: stop(plan, by=NOBODY), lambda: draft_from_traffic(source, by=NOBODY, now=NOW),
    ):  # fmt: skip
        with pytest.raises(AccessDenied):
            change()


def test_an_empty_draft_is_not_published(source):
    plan = save_draft(source, {}, by=BY, now=NOW)
    with pytest.raises(PlanError, match="the draft has no event"):
        publish(plan, note="", by=BY, now=NOW)


def test_what_differs_is_said_in_words():
    a = {"properties": {"x": {}, "y": {}, "z": {}}, "required": ["x"]}
    b = {"properties": {"x": {"type": "string"}, "y": {}, "w": {}}, "required": ["y"]}
    before = Plan.from_json({"events": {"track:A": a, "track:Gone": {}, "track:Same": {}}})
    after = Plan.from_json(
        {"events": {"track:A": b, "track:New": {}, "track:Same": {}}, "policy": {"wrong": "strip"}}
    )
    assert differences(before.to_json(), after.to_json()) == [
        Difference("policy", "wrong: tag → strip"), Difference("track:New", "new event"),
        Difference("track:Gone", "no longer planned"), Difference("track:A", "`w` is new"),
        Difference("track:A", "`z` is no longer planned"), Difference("track:A", "`x` changes"),
        Difference("track:A", "`y` is required"), Difference("track:A", "`x` is no longer required"),
    ]  # fmt: skip
