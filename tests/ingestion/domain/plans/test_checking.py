"""What a plan makes of events where they are accepted."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.plans.checking import CompiledPlan
from ingestion.domain.plans.document import Plan, PlanError, compiled
from ingestion.domain.plans.finding import Finder
from ingestion.domain.plans.rules import SourceRules

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROPERTIES: dict[str, dict[str, Any]] = {
    "total": {"type": "number", "minimum": 0},
    "currency": {"enum": ["EUR", "USD"]},
    "products": {
        "type": "array",
        "items": {"type": "object", "properties": {"price": {"type": "number"}}},
    },
    "order_id": {"type": "string", "pattern": "^O-[0-9]+$"},
}
SCHEMA = {"properties": PROPERTIES, "required": ["total"]}


def accepted(properties, *, item=None, purposes=(), of_events=None, of_keys=None, schema=SCHEMA, **policy):
    plan = Plan.from_json({"policy": policy, "events": {"track:Order": schema, "identify:identify": schema}})
    rules = SourceRules(
        purposes=list(purposes), of_events=of_events or {}, of_keys=of_keys or {}, plan=CompiledPlan(plan, 7)
    )
    given_item = {"type": "track", "event": "Order", "userId": "u", "properties": properties, **(item or {})}
    return accept_item(given_item, Envelope(source_id=1, received_at=NOW, rules=rules))


def reasons(event):
    return [each["reason"] for each in event.get("violations", [])]


def test_an_event_that_keeps_to_its_plan_is_as_it_was_but_names_the_version():
    event = accepted({"total": 5, "currency": "EUR", "extra": 1})
    assert (event["schema_version"], event["properties"]) == (
        "7",
        {"total": 5, "currency": "EUR", "extra": 1},
    )
    assert "violations" not in event
    assert "quarantined" not in event


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, "`total` is missing"),
        ({"total": "secret"}, "`total` should be a number"),
        ({"total": -1}, "`total` is too small"),
        ({"total": 1, "currency": "secret"}, "`currency` is none of the allowed values"),
        ({"total": 1, "order_id": "secret"}, "`order_id` has not the form that the plan asks for"),
        (
            {"total": 1, "products": [{"price": 1}, {"price": "secret"}, {"price": "x"}]},
            "`products[].price` should be a number",
        ),
    ],
)
@pytest.mark.parametrize("action", ["tag", "quarantine"])
def test_what_is_wrong_is_named_without_any_value(properties, reason, action):
    event = accepted(properties, missing=action, wrong=action)
    assert reasons(event) == [reason]
    assert event.get("quarantined") == (reason if action == "quarantine" else None)
    assert event["properties"] == properties
    assert "secret" not in str(event["violations"])


def test_stripping_takes_out_what_is_wrong_and_nothing_else():
    event = accepted({"total": 1, "currency": "XXX", "gift": 1}, wrong="strip", unplanned_key="strip")
    assert event["properties"] == {"total": 1}
    assert {each["action"] for each in event["violations"]} == {"strip"}


def test_an_event_that_goes_into_quarantine_stays_whole():
    event = accepted({"currency": "XXX"}, wrong="strip", missing="quarantine")
    assert event["properties"] == {"currency": "XXX"}
    assert event["quarantined"] == "`total` is missing"


def own(**actions):
    properties: dict[str, Any] = {key: dict(rules) for key, rules in PROPERTIES.items()}
    for key, action in actions.items():
        properties[key]["x-on-violation"] = action
    return {**SCHEMA, "properties": properties}


def test_a_property_says_itself_what_becomes_of_what_breaks_it():
    schema = own(currency="strip", products="quarantine", total="quarantine")
    assert accepted({"total": 1, "currency": "XXX"}, schema=schema, wrong="quarantine")["properties"] == {
        "total": 1
    }
    assert accepted({}, schema=schema)["quarantined"] == "`total` is missing"
    nested = {"total": 1, "products": [{"price": "x"}], "order_id": "secret"}
    event = accepted(nested, schema=schema, wrong="tag")
    assert event["quarantined"] == "`products[].price` should be a number"
    assert {each["action"] for each in event["violations"]} == {"tag", "quarantine"}
    assert "violations" not in accepted(
        {"total": 1, "currency": "X"}, schema=own(currency="allow"), wrong="quarantine"
    )


def test_what_stands_within_a_value_has_the_last_word():
    inner = {"type": "object", "properties": {"price": {"type": "number", "x-on-violation": "tag"}}}
    schema = {"properties": {"products": {"type": "array", "items": inner, "x-on-violation": "quarantine"}}}
    assert "quarantined" not in accepted({"products": [{"price": "x"}]}, schema=schema)
    assert "quarantined" in accepted({"products": 1}, schema=schema)


def test_a_rule_for_what_stands_under_ids_is_one_whatever_the_ids_are():
    price = {"type": "object", "properties": {"amount": {"type": "number"}}, "x-on-violation": "quarantine"}
    named = {"type": "object", "properties": {"amount": {"type": "number"}}}
    prices = {"type": "object", "properties": {"shipping": named}, "additionalProperties": price}
    schema = {
        "properties": {
            "prices": prices,
            "other": {"type": "object", "patternProperties": {"": {"type": "number"}}},
        }
    }
    broken = {str(4000 + n): {"amount": "x"} for n in range(50)}
    event = accepted({"prices": {**broken, "gift": {"amount": "x"}}}, schema=schema, wrong="tag")
    assert event["quarantined"] == "`prices.*.amount` should be a number"
    assert reasons(event) == ["`prices.*.amount` should be a number"]
    event = accepted({"prices": {"shipping": {"amount": "x"}}}, schema=schema, wrong="tag")
    assert "quarantined" not in event, "what is planned by its name has not the word of the others"
    assert reasons(event) == ["`prices.shipping.amount` should be a number"]
    event = accepted({"other": {"4711": "x", "4712": "x", "gift": "x"}}, schema=schema, wrong="tag")
    assert sorted(reasons(event)) == ["`other.*` should be a number", "`other.gift` should be a number"]


def test_a_word_that_means_nothing_is_refused():
    with pytest.raises(
        PlanError, match="x-on-violation of `currency` is one of allow, tag, strip, quarantine, not 'shout'"
    ):
        accepted({}, schema=own(currency="shout"))


def test_unplanned_events_and_keys():
    unplanned = {"item": {"event": "Other"}}
    assert "violations" not in accepted({"x": 1}, **unplanned)
    assert reasons(accepted({"x": 1}, unplanned_event="tag", **unplanned)) == ["the event is not in the plan"]
    assert accepted({"x": 1}, unplanned_event="quarantine", **unplanned)["quarantined"]
    assert reasons(accepted({"total": 1, "item 4711": 1}, unplanned_key="tag")) == [
        "`item 9` is not in the plan"
    ]


def test_traits_are_checked_of_an_identify():
    event = accepted({}, item={"type": "identify", "traits": {"total": "x"}}, wrong="strip")
    assert (event["traits"], reasons(event)) == ({}, ["`total` should be a number"])


def test_of_many_mistakes_a_few_are_told_and_all_are_acted_on():
    many = {f"k{chr(97 + n)}": n for n in range(26)}
    event = accepted({"total": 1, **many}, unplanned_key="strip")
    assert (len(event["violations"]), event["properties"]) == (10, {"total": 1})
    assert accepted(many, unplanned_key="tag", missing="quarantine")["quarantined"] == "`total` is missing"


def test_purposes_come_from_the_event_itself_else_the_catalogue_else_the_source():
    of_events = {("track", "Order"): ["service"]}
    assert accepted({"total": 1}, purposes=["analytics"])["purposes"] == ["analytics"]
    assert accepted({"total": 1}, purposes=["analytics"], of_events=of_events)["purposes"] == ["service"]
    own = {"item": {"purposes": ["marketing"]}}
    assert accepted({"total": 1}, purposes=["analytics"], of_events=of_events, **own)["purposes"] == [
        "marketing"
    ]
    assert "purposes" not in accepted({"total": 1})
    of_keys = {"property": {"total": ["service"]}, "trait": {"plan": ["marketing"]}}
    assert accepted({"total": 1, "plan": 1}, of_keys=of_keys)["key_purposes"] == {
        "properties.total": ["service"]
    }


def test_purposes_of_what_stands_within_a_value_go_with_the_value_that_has_it():
    of_keys = {"property": {"products[].price": ["service"], "gone.too": ["service"], "a.b": ["analytics"]}}
    event = accepted({"total": 1, "products": [{"price": 1}], "a.b": 1}, of_keys=of_keys)
    assert event["key_purposes"] == {
        "properties.a.b": ["analytics"],
        "properties.products[].price": ["service"],
    }


def test_purposes_of_what_stands_under_ids_go_with_every_event_that_has_some():
    of_keys = {"property": {"products.*.price": ["service"], "*": ["analytics"], "*.deep": ["service"]}}
    assert accepted({"total": 1, "products": {"4711": {"price": 1}}}, of_keys=of_keys)["key_purposes"] == {
        "properties.products.*.price": ["service"],
    }
    assert accepted({"total": 1, "4711": 1}, of_keys=of_keys)["key_purposes"] == {
        "properties.*": ["analytics"],
        "properties.*.deep": ["service"],
    }
    assert "key_purposes" not in accepted({"total": 1}, of_keys=of_keys)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "a plan is a JSON object"),
        ({"events": {"Order": {}}}, "is no event"),
        ({"events": {"page:Home": {}}}, "is no event"),
        ({"events": {"track:A": {"$ref": "https://example.com/x"}}}, "$ref is not supported"),
        ({"events": {"track:A": {"properties": {"a": {"pattern": "("}}}}}, "track:A"),
        ({"events": {"track:A": {"properties": {"a": {"pattern": r"(a+)+\1"}}}}}, "track:A"),
        ({"events": {"track:A": {"properties": {"a": {"type": "money"}}}}}, "track:A"),
        ({"events": {"track:A": {"description": "x" * 40_000}}}, "at most 32 KB"),
        ({"events": {f"track:{n}": {} for n in range(501)}}, "at most 500 events"),
        ({"policy": {"missing": "strip"}}, "can be allow, tag, quarantine"),
        ({"policy": {"other": "tag"}}, "is not known"),
    ],
)
def test_a_plan_that_cannot_be_kept_says_why(document, message):
    with pytest.raises(PlanError, match=re.escape(message)):
        Plan.from_json(document)


def test_deep_schemas_are_refused_and_hostile_patterns_take_no_time():
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(20):
        deep = {"properties": {"a": deep}}
    with pytest.raises(PlanError, match="levels deep"):
        Plan.from_json({"events": {"track:A": deep}})
    hostile = {"properties": {"a": {"pattern": "^(a+)+$"}}}
    finder = Finder(hostile, compiled(hostile, "track:A"), closed=False)
    assert [each.reason for each in finder.found({"a": "a" * 30_000 + "!"})] == [
        "`a` has not the form that the plan asks for"
    ]  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["total", "currency", "products", "order_id", "other", "odd 🎉"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=5), st.sampled_from(["tag", "strip", "quarantine"]))
def test_whatever_is_sent_is_kept_or_taken_out_by_rule(properties, action):
    before = dict(properties)
    missing = "quarantine" if action == "quarantine" else "tag"
    event = accepted(properties, wrong=action, unplanned_key=action, missing=missing)
    kept = event["properties"]
    assert all(kept[key] == before[key] for key in kept)
    if action == "strip":
        again = accepted(dict(kept), wrong="tag", unplanned_key="tag", missing="allow")
        assert reasons(again) == []
    else:
        assert kept == before
        assert ("quarantined" in event) == (action == "quarantine" and bool(event.get("violations")))
