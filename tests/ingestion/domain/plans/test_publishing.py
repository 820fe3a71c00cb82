"""Plans inferred from traffic, published, compared, gone back to and stopped."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from compliance.access import AccessDenied, Actor
from compliance.models import AuditEntry
from ingestion.domain.plans.document import Plan, PlanError, compiled
from ingestion.domain.plans.fields import rows_of
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.publishing import (
    change_draft,
    draft_from_traffic,
    go_back,
    publish,
    save_draft,
    stop,
)
from ingestion.models import CatalogueEvent, CatalogueKey, CatalogueUse, PlanVersion, TrackingPlan
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.ingestion.domain.conftest import BY
from tests.waiting import eventually

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


def test_what_stands_within_values_is_planned_within_them(source):
    items = [
        {"properties": {"a.b": 1, "address": {"city": "x"}, "items": [{"sku": "A"}, {}]}} for _ in range(20)
    ]
    learn(*(record(each, source) for each in items))
    assert draft_from_traffic(source, by=BY, now=NOW).draft["events"]["track:Order Completed"] == {
        "type": "object", "required": ["a.b", "address", "items"],
        "properties": {
            "a.b": {"type": "integer"},
            "address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        },
    }  # fmt: skip


def test_what_stands_under_ids_is_planned_once_for_all_of_them(source):
    orders: list[dict[str, Any]] = [
        {"properties": {"items": {str(1000 * n + each): {"price": each + 0.5} for each in range(30)}, str(n + 1000): 1}}
        for n in range(1, 40)
    ]  # fmt: skip
    learn(*(record(each, source) for each in orders))
    CatalogueKey.objects.create(
        kind="property", name="items.99999", is_nested=True, first_seen_at=NOW, last_seen_at=NOW
    )  # as it was learned before ids had one name
    CatalogueUse.objects.create(
        event=CatalogueEvent.objects.get(), source=source, key=CatalogueKey.objects.get(name="items.99999"),
        events=1, types={"object": 1}, first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip
    schema = draft_from_traffic(source, by=BY, now=NOW).draft["events"]["track:Order Completed"]
    price = {"type": "object", "properties": {"price": {"type": "number"}}}
    assert schema == {
        "type": "object", "required": ["items"],
        "properties": {"items": {"type": "object", "additionalProperties": price}},
    }  # fmt: skip
    assert [row.path for row in rows_of(schema)] == ["items", "items.*", "items.*.price"]
    assert all(compiled(schema, "track:X").is_valid(each["properties"]) for each in orders)


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


def test_a_draft_that_is_published_twice_is_one_version(source):
    def published(const):
        plan = save_draft(
            source, {"events": {"track:A": {"properties": {"x": {"const": const}}}}}, by=BY, now=NOW
        )
        return [publish(plan, note="", by=BY, now=NOW).number for _ in range(2)]

    assert (published(1), published(True), published(1)) == ([1, 1], [2, 2], [3, 3])
    stop(TrackingPlan.objects.get(), by=BY)
    assert published(1) == [4, 4], "what was stopped holds again"


def add(source, name, first=lambda: None):
    def change(draft):
        first()
        return Plan(draft.policy, {**draft.events, name: {}}).to_json()

    try:
        change_draft(source, change, by=BY, now=NOW)
    finally:
        connection.close()


def holds_somebody_up():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_different_events_at_once_lose_neither(source):
    for mine, theirs in (
        ("track:A", "track:B"),
        ("track:C", "track:D"),
    ):  # first without a draft, then with one
        with ThreadPoolExecutor(1) as pool:
            other: list[Future[None]] = []

            def meanwhile(name=theirs, pool=pool, other=other):
                other.append(pool.submit(add, source, name))
                eventually(lambda: other[0].done() or holds_somebody_up(), "the other one at work")

            add(source, mine, meanwhile)
            other[0].result(timeout=30)
    assert sorted(TrackingPlan.objects.get().draft["events"]) == ["track:A", "track:B", "track:C", "track:D"]


def test_a_change_that_fails_leaves_no_draft(source):
    with pytest.raises(PlanError, match="is no event"):
        change_draft(source, lambda _: {"events": {"odd": {}}}, by=BY, now=NOW)
    assert not TrackingPlan.objects.exists()


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
