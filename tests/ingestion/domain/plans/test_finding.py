"""What breaks a plan is found the same whether it is looked for word by word or by the validator."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.domain.plans.document import JsonObject, Kind, compiled
from ingestion.domain.plans.finding import Finder, Found

KEYS = ["a", "b", "c"]
TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text("xy1", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "d", "4711"]), inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
    "enum": st.lists(VALUES, min_size=1, max_size=3), "const": VALUES, "pattern": st.sampled_from(["^x", "1$"]),
    "minimum": st.integers(-3, 3), "exclusiveMinimum": st.integers(-3, 3), "maximum": st.integers(-3, 3),
    "exclusiveMaximum": st.integers(-3, 3), "minLength": st.integers(0, 3), "maxLength": st.integers(0, 3),
    "minItems": st.integers(0, 3), "maxItems": st.integers(0, 3), "uniqueItems": st.booleans(),
    "multipleOf": st.integers(1, 3), "items": st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
    "required": st.lists(st.sampled_from(KEYS), max_size=2, unique=True), "x-on-violation": st.just("tag"),
    "title": st.text(max_size=3), "not": st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
    "properties": st.dictionaries(st.sampled_from(KEYS), st.fixed_dictionaries({"type": st.sampled_from(TYPES)})),
    "additionalProperties": st.booleans() | st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
}  # fmt: skip
NODES = st.dictionaries(st.sampled_from(sorted(WORDS)), st.none(), max_size=4).flatmap(
    lambda words: st.fixed_dictionaries({word: WORDS[word] for word in words})
)
SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.dictionaries(st.sampled_from(KEYS), NODES | st.booleans(), max_size=3),
        "required": st.lists(st.sampled_from([*KEYS, "d"]), max_size=3, unique=True),
        "type": st.just("object"),
        "description": st.text(max_size=3),
        "minProperties": st.integers(0, 2),
    },
)
DOCUMENTS = st.dictionaries(st.sampled_from([*KEYS, "d", "e"]), VALUES, max_size=4)


def finders(schema: JsonObject, *, closed: bool) -> tuple[Finder, Finder]:
    """One that looks word by word where it can, and one that leaves all to the validator."""
    validator = compiled(schema, "track:E", closed=closed)
    by_validator = Finder({**schema, "anyOf": [True]}, validator, closed=closed)
    return Finder(schema, validator, closed=closed), by_validator


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.lists(DOCUMENTS, min_size=1, max_size=3), st.booleans())
def test_both_ways_find_the_same(schema: JsonObject, documents: list[JsonObject], closed: bool) -> None:
    finder, by_validator = finders(schema, closed=closed)
    for document in documents:
        assert sorted(finder.found(document), key=str) == sorted(by_validator.found(document), key=str)


@pytest.mark.parametrize("schema", [{"required": ["a"]}, {"required": ["a"], "properties": {"b": {}}}])
def test_a_key_that_is_there_and_required_but_not_planned_is_unplanned_alone(schema: JsonObject) -> None:
    for each in finders(schema, closed=True):
        assert [found.reason for found in each.found({"a": None})] == ["`a` is not in the plan"]
        assert [found.reason for found in each.found({})] == ["`a` is missing"]


def test_keys_that_are_numbers_are_no_places_of_a_list() -> None:
    number = {"type": "object", "patternProperties": {"": {"type": "number"}}}
    schema = {"properties": {"a": number, "007": number, "b": {"items": number}}, "minProperties": 1}
    finder, by_validator = finders(schema, closed=True)
    document = {"a": {"4711": "x", "0012": "x"}, "007": "x", "b": [{"3": "x"}], "8": 1}
    for each in (finder, by_validator):
        assert {(found.reason, found.key) for found in each.found(document)} == {
            ("`a.*` should be a number", "a"),
            ("`007` should be an object", "007"),
            ("`b[].*` should be a number", "b"),
            ("`9` is not in the plan", "8"),
        }


@pytest.mark.parametrize("document", [{"a": 1, "b": {"c": 1}}, {"a": True, "b": []}])
def test_it_finds_all_again_in_the_next_document(document: JsonObject) -> None:
    properties = {"a": {"type": "string", "enum": ["x"]}, "b": {"items": False, "required": ["d"]}}
    finder, _ = finders({"properties": properties, "required": ["c"]}, closed=False)

    first, second = list(finder.found(document)), list(finder.found(document))

    assert first == second
    assert Found(Kind.MISSING, "`c` is missing", None, ("c",)) in first
    assert [each.reason for each in first if each.key == "a"] == [
        "`a` should be a text",
        "`a` is none of the allowed values",
    ]
