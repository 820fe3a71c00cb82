"""A schema as rows of a form, and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.domain.plans.document import PlanError, compiled
from ingestion.domain.plans.fields import FieldRow, rows_of, with_rows
from ingestion.domain.plans.paths import EACH, ITEMS, PathError, path_of, steps_of

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "minimum": 0, "maximum": 9.5},
        "order_id": {"type": "string", "pattern": "^O", "minLength": 2},
        "currency": {"type": "string", "enum": ["EUR", "a, b", 'say "x"'], "x-on-violation": "quarantine"},
        "a.b": {},
        "products": {
            "type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {"price": {"type": "integer"}}, "required": ["price"]},
        },
        "address": {"type": "object", "properties": {"city": {"type": ["string", "null"], "format": "x"}}},
    },
    "required": ["order_id", "total"],
    "minProperties": 1,
}  # fmt: skip


def test_a_schema_has_a_row_for_each_property():
    rows = {row.path: row for row in rows_of(SCHEMA)}
    assert list(rows) == [
        "total", "order_id", "currency", "a\\.b", "products", "products[].price", "address", "address.city",
    ]  # fmt: skip
    assert (rows["total"].type, rows["total"].is_required, rows["total"].low, rows["total"].high) == (
        "number",
        True,
        "0",
        "9.5",
    )
    assert (rows["order_id"].pattern, rows["order_id"].low) == ("^O", "2")
    assert (rows["currency"].values, rows["currency"].action) == ('EUR, "a, b", "say ""x"""', "quarantine")
    assert (rows["products[].price"].is_required, rows["products"].low) == (True, "1")
    assert (rows["address.city"].type, rows["address.city"].more) == ("string|null", True)


def test_rows_that_nobody_changed_make_the_same_schema():
    assert with_rows(SCHEMA, rows_of(SCHEMA)) == SCHEMA


NAMES = st.text("ab.[]\\ü*", min_size=1, max_size=4)
LEAVES = st.sampled_from([
    {}, {"type": "string"}, {"type": "integer", "minimum": 3}, {"enum": [None, 1]}, {"enum": ["x", " y"]}, {"type": "array"},
    {"type": ["number", "null"], "maximum": 2.5, "multipleOf": 0.5}, {"type": "array", "items": {"type": "string", "maxLength": 2}},
    True, False, {"const": 1}, {"anyOf": [{"type": "string"}, {"properties": {"z": {}}}]},
])  # fmt: skip


def objects(inner):
    properties = st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    made = st.builds(_object, properties, st.booleans(), st.none() | inner)
    return made | made.map(lambda each: {"type": "array", "items": each})


def _object(properties, needed, others):
    schema = {"type": "object", "properties": properties}
    schema |= {"required": [min(properties)]} if needed else {}
    return schema if others is None else {**schema, "additionalProperties": others}


@given(st.dictionaries(NAMES, st.recursive(LEAVES, objects, max_leaves=6), max_size=4), st.none() | LEAVES)
def test_no_rule_is_lost_on_the_way_through_the_form(properties, others):
    schema = {"type": "object", "properties": properties}
    schema |= {} if others is None else {"additionalProperties": others}
    assert with_rows(schema, rows_of(schema)) == schema


def test_what_stands_under_any_other_key_has_a_row():
    schema = {
        "properties": {
            "prices": {"type": "object", "additionalProperties": {"type": "object", "properties": {"amount": {"type": "number"}}}},
            "*": {"type": "object", "additionalProperties": False},
        },
        "additionalProperties": {"type": "string"},
    }  # fmt: skip
    rows = rows_of(schema)
    assert [(row.path, row.type, row.more) for row in rows] == [
        ("prices", "object", False), ("prices.*", "object", False), ("prices.*.amount", "number", False), ("\\*", "object", True),
    ]  # fmt: skip
    made = with_rows({}, [*rows[:3], FieldRow("prices.shipping", "string"), FieldRow("tags[].*", "integer")])
    validator = compiled(made, "track:A")
    assert validator.is_valid({"prices": {"4711": {"amount": 5}, "shipping": "x"}, "tags": [{"4711": 1}]})
    assert not validator.is_valid({"prices": {"4711": {"amount": "5"}}})
    assert not validator.is_valid({"tags": [{"4711": "1"}]})
    assert [row.path for row in rows_of(made)] == [
        "prices", "prices.shipping", "prices.*", "prices.*.amount", "tags", "tags[].*",
    ]  # fmt: skip


def test_what_is_filled_in_becomes_the_schema():
    rows = [
        FieldRow("total", "number", is_required=True, low="0", action="quarantine"),
        FieldRow("currency", "string", values="EUR, USD"),
        FieldRow("products[].sku", "string", pattern="^A", is_required=True),
    ]  # fmt: skip
    schema = with_rows({}, rows)
    assert schema == {
        "type": "object", "required": ["total"],
        "properties": {
            "total": {"type": "number", "minimum": 0, "x-on-violation": "quarantine"},
            "currency": {"type": "string", "enum": ["EUR", "USD"]},
            "products": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string", "pattern": "^A"}}, "required": ["sku"]},
            },
        },
    }  # fmt: skip
    assert compiled(schema, "track:A").is_valid({"total": 1, "products": [{"sku": "A1"}]})


def test_what_has_no_line_gives_way_to_a_line_and_goes_with_what_it_stands_in():
    within = {"type": "object", "properties": {"never": False, "b": {}}, "required": ["never"]}
    schema = {
        "type": "object",
        "properties": {"a": within, "list": {"type": "array", "items": False}, "never": False},
    }
    rows = rows_of(schema)
    assert [row.path for row in rows] == ["a", "a.b", "list"]
    filled = [*rows, FieldRow("list[].sku", "string"), FieldRow("never.x", "string")]
    for order in (filled, filled[::-1]):
        made = with_rows(schema, order)["properties"]
        assert made["a"] == within
        assert made["list"]["items"]["properties"] == {"sku": {"type": "string"}}
        assert made["never"] == {"type": "object", "properties": {"x": {"type": "string"}}}
    assert with_rows(schema, rows[2:])["properties"] == {
        "list": {"type": "array", "items": False},
        "never": False,
    }


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"type": ["null", "number"], "enum": [1, 2]}, {"values": "1, 2, 3.5"}, [1, 2, 3.5]),
        ({"type": ["integer", "null"]}, {"values": "1, 2"}, [1, 2]),
        ({"enum": [1, 2]}, {"values": "1, 3"}, [1, 3]),
        ({"enum": [1e30, 2]}, {"values": "1e+30"}, [1e30]),
        ({"enum": ["a", 1]}, {"values": "a, 1, 2"}, ["a", 1, "2"]),
        ({"enum": ["1"]}, {"values": "1, 2"}, ["1", "2"]),
        ({"type": "string", "enum": ["1", "2"]}, {"type": "number"}, [1, 2]),
        ({"type": "number", "enum": [1, 2]}, {"type": "string"}, ["1", "2"]),
        ({"type": "number", "enum": [1, 2]}, {"type": ""}, [1, 2]),
        ({"type": "number", "enum": [1, None]}, {"type": "string"}, [1, None]),
        ({"enum": [1, "1"]}, {"pattern": "1"}, [1, "1"]),
    ],
)
def test_allowed_values_are_of_the_kind_that_the_property_is(before, change, after):
    schema = {"properties": {"x": before}}
    [row] = rows_of(schema)
    made = with_rows(schema, [replace(row, **change)])["properties"]["x"]["enum"]
    assert (made, [type(each) for each in made]) == (after, [type(each) for each in after])


def test_a_renamed_property_keeps_what_the_row_does_not_show():
    schema = {"properties": {"totl": {"type": "number", "multipleOf": 0.5}}}
    [row] = rows_of(schema)
    assert with_rows(schema, [replace(row, path="total")])["properties"] == {
        "total": {"type": "number", "multipleOf": 0.5}
    }


def test_another_type_has_other_bounds():
    schema = {"properties": {"a": {"type": "number", "minimum": 2}}}
    [row] = rows_of(schema)
    assert with_rows(schema, [replace(row, type="string")])["properties"]["a"] == {
        "type": "string",
        "minLength": 2,
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([FieldRow("a..b")], "is no property"),
        ([FieldRow("a[")], "is no property"),
        ([FieldRow("a[]")], "write what stands in each item"),
        ([FieldRow("*")], "what becomes of them"),
        ([FieldRow("a.*", is_required=True)], "stands for every key there may be"),
        ([FieldRow("a"), FieldRow("a")], "stands there twice"),
        ([FieldRow("a", "number", values="1, x")], "`a` is a number, so that 'x' cannot stand there"),
        ([FieldRow("a", "boolean", values="true")], "when it is a text or a number"),
        ([FieldRow("a", "boolean", low="1")], "when it is a number, a text or a list"),
        ([FieldRow("a", "string", low="1.5")], "a whole number, not '1.5'"),
        ([FieldRow(f"a{n}") for n in range(301)], "at most 300"),
    ],
)
def test_what_cannot_be_is_said_with_the_property(rows, message):
    with pytest.raises(PlanError, match=message):
        with_rows({}, rows)


@given(
    st.lists(NAMES | st.sampled_from([ITEMS, EACH]), min_size=1, max_size=5).filter(
        lambda each: each[0] is not ITEMS
    )
)
def test_every_path_can_be_written_and_read(steps):
    assert steps_of(path_of(steps)) == tuple(steps)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "[]", "[]a", "a[]b", "a]", "a\\", "a.[]"])
def test_what_is_no_path_is_refused(text):
    if text == "a]":
        assert steps_of(text) == ("a]",)
        return
    with pytest.raises(PathError):
        steps_of(text)
