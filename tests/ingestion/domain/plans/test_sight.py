"""Rules about values count who matches them: they take sight of such values, wherever they stand in a schema."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.access import Actor
from compliance.enums import ActorKind, Category, Operation
from compliance.models import AuditEntry
from ingestion.domain.plans.publishing import draft_from_traffic, go_back, publish, save_draft
from ingestion.domain.plans.sight import ClosedRule
from ingestion.domain.plans.trying import try_plan
from ingestion.models import CatalogueUse, TrackingPlan
from streaming.memory.log import MemoryLog
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.ingestion.domain.conftest import BY

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BLIND = Actor(
    ActorKind.STAFF,
    "ines",
    frozenset({Operation.SOURCES_VIEW, Operation.SOURCES_MANAGE}),
    frozenset({Category.TRANSACTIONS, Category.BEHAVIOUR}),
)
A = {"pattern": "^a"}
OPEN = [
    {"email": {"type": "string", "x-on-violation": "quarantine"}}, {"email": False}, {"total": {"minimum": 1}},
    {"order": {"properties": {"email": {"type": ["string", "null"]}, "sku": A}, "required": ["email"]}},
    {"order": {"properties": {"wibble": A}}}, {"items": {"items": {"properties": {"sku": {"enum": ["a"]}}}}},
]  # fmt: skip
CLOSED: list[Any] = [
    {"properties": {"email": rule}} for rule in (A, {"enum": ["a@b"]}, {"const": "a@b"}, {"minLength": 3}, {"maximum": 3})
] + [
    {"properties": {"wibble": A}},
    {"properties": {"order": {"properties": {"email": A}}}},
    {"properties": {"order": {"additionalProperties": A}}},
    {"properties": {"order": {"patternProperties": {"^em": A}}}},
    {"properties": {"order": {"enum": [{"email": "a@b"}]}}},
    {"properties": {"orders": {"items": {"properties": {"email": A}}}}},
    {"properties": {"orders": {"contains": {"properties": {"email": A}}}}},
    {"properties": {"email": {"not": {"anyOf": [A]}}}},
    {"allOf": [{"properties": {"email": A}}]},
    {"allOf": [{"additionalProperties": A}]},
    {"if": {"properties": {"email": A}}, "then": {"required": ["total"]}},
    {"dependentSchemas": {"total": {"properties": {"email": A}}}},
    {"enum": [{"email": "a@b"}]},
]  # fmt: skip


def plan_of(schema: Any, event: str = "track:Order") -> dict[str, Any]:
    return {"events": {event: schema}}


def tried(actor, source, document, only=""):
    return try_plan(actor, source, document, log=MemoryLog(), only=only)


@pytest.mark.parametrize("schema", CLOSED)
def test_a_rule_that_tells_closed_values_is_neither_kept_nor_tried_nor_published(source, schema):
    denials = AuditEntry.objects.filter(action="access.denied", actor="ines")
    before = denials.count()  # they outlive the transaction of a test
    with pytest.raises(ClosedRule, match="type and whether it is required only, or ask an administrator"):
        save_draft(source, plan_of(schema), by=BLIND, now=NOW)
    with pytest.raises(ClosedRule):
        tried(BLIND, source, plan_of(schema), only="track:Order")
    kept = save_draft(source, plan_of(schema), by=BY, now=NOW)
    with pytest.raises(ClosedRule):
        publish(kept, note="", by=BLIND, now=NOW)
    assert denials.count() == before + 3
    assert TrackingPlan.objects.get().published is None


@pytest.mark.parametrize("properties", OPEN)
def test_types_presence_and_values_that_are_seen_may_be_planned(source, properties):
    document = plan_of({"properties": properties, "required": ["email"]})
    publish(save_draft(source, document, by=BLIND, now=NOW), note="", by=BLIND, now=NOW)
    assert tried(BLIND, source, document).looked_at == 0


def test_what_others_planned_stays_and_is_published_with_changes(source):
    held = {"properties": {"email": A}}
    plan = save_draft(source, plan_of(held), by=BY, now=NOW)
    first = publish(plan, note="", by=BY, now=NOW)
    changed = {"properties": {"email": {**A, "type": "string"}, "total": {"minimum": 1}}}
    publish(save_draft(source, plan_of(changed), by=BLIND, now=NOW), note="", by=BLIND, now=NOW)
    with pytest.raises(ClosedRule):  # of another event
        save_draft(source, plan_of(held, "track:Other"), by=BLIND, now=NOW)
    publish(save_draft(source, plan_of({}), by=BLIND, now=NOW), note="", by=BLIND, now=NOW)
    with pytest.raises(ClosedRule):
        go_back(plan, first, by=BLIND)


def test_traits_have_the_categories_of_traits(source):
    with pytest.raises(ClosedRule, match="sight of identity data"):
        save_draft(source, plan_of({"properties": {"name": A}}, "identify:identify"), by=BLIND, now=NOW)
    save_draft(source, plan_of({"properties": {"name": A}}), by=BLIND, now=NOW)


def test_of_a_source_that_is_closed_no_value_is_planned(source):
    blind = replace(BLIND, sources=frozenset({source.pk + 1}))
    with pytest.raises(ClosedRule, match="sight of the source web"):
        save_draft(source, plan_of({"properties": {"total": {"minimum": 1}}}), by=blind, now=NOW)


def test_values_that_were_seen_are_drafted_only_where_they_may_be_told(source):
    learn(
        *(
            record({"properties": {"currency": "EUR", "page": "/", "email": "a@b"}}, source)
            for _ in range(120)
        )
    )
    CatalogueUse.objects.update(examples={'"x"': 120}, has_more=False)  # as if each had kept what it saw

    def with_values(by):
        schema = draft_from_traffic(source, by=by, now=NOW).draft["events"]["track:Order Completed"]
        return {key for key, node in schema["properties"].items() if "enum" in node}

    assert with_values(replace(BLIND, categories=frozenset({Category.BEHAVIOUR}))) == {"page"}
    assert with_values(replace(BLIND, sources=frozenset())) == set()
    assert with_values(BY) == {"currency", "page"}
