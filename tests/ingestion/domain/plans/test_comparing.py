"""What changed between two versions of a plan, in words."""

from ingestion.domain.plans.comparing import Difference, differences
from ingestion.domain.plans.document import Plan


def told(old, new):
    before, after = (Plan.from_json({"events": {"track:A": each}}).to_json() for each in (old, new))
    return [each.what for each in differences(before, after)]


def test_events_that_come_and_go_and_the_policy():
    before = Plan.from_json({"events": {"track:Gone": {}, "track:Same": {}}})
    after = Plan.from_json({"events": {"track:New": {}, "track:Same": {}}, "policy": {"wrong": "strip"}})
    assert differences(before.to_json(), after.to_json()) == [
        Difference("policy", "when a value is wrong: note it → take the property out"),
        Difference("track:New", "new event"), Difference("track:Gone", "no longer planned"),
    ]  # fmt: skip


def test_every_rule_that_changes_is_told_with_what_it_was():
    old = {
        "properties": {"gone": {}, "total": {"type": "string"}, "currency": {"enum": ["EUR", "USD"]}, "n": {"type": "integer"}},
        "required": ["currency"],
    }  # fmt: skip
    new = {
        "properties": {
            "total": {"type": ["number", "null"], "x-on-violation": "quarantine"}, "currency": {"enum": ["EUR", "GBP"]},
            "n": {"type": "integer", "minimum": 1}, "items": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}},
        },
        "required": ["total"],
    }  # fmt: skip
    assert told(old, new) == [
        "`currency`: also allowed: GBP; no longer allowed: USD", "`currency`: is no longer required",
        "`gone` is no longer planned", "`items[].sku` is new: text", "`items` is new: list", "`n`: smallest — → 1",
        "`total`: is required", "`total`: text → number or nothing",
        "`total`: when it is broken: as the plan says → quarantine",
    ]  # fmt: skip


def test_what_only_the_schema_says_is_pointed_to():
    assert told({"properties": {"a": {"format": "date"}}}, {"properties": {"a": {"format": "time"}}}) == [
        "`a`: rules change that only the JSON Schema shows"
    ]
    more = "rules change that only the JSON Schema shows"
    new = {"a": {}, "never": False}
    assert told({"properties": {"never": True}}, {"type": "object", "properties": new}) == [
        "`a` is new",
        more,
    ]
    assert told({}, {"minProperties": 1}) == ["rules change that only the JSON Schema shows"]
    assert told({"properties": {"a": {}}}, {"properties": {"a": {}}}) == []
