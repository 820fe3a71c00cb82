"""Whatever a record holds, it becomes an event that the collector's rules take, or an error that has a name."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted, parse_json
from ingestion.domain.mappings import Mapping, MappingInvalid, RecordFailed, compile_mapping
from ingestion.domain.mappings.rule import Rule
from streaming.contracts.events import decode_event

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TEXT = st.text(max_size=30)
KEYS = st.sampled_from(["a", "b", "id", "at", "items"]) | TEXT
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.datetimes().map(datetime.isoformat),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
EXPRESSIONS = st.sampled_from(
    ["id", "a.b", "items[0].id", "items[-2]", "items[1][0].a", "a[0]", "items[*].a", "length(items)", "a || b", "sort(items)", "to_string(@)", "max(items)",
     "items[?a > `1`] | [0]", "join('-', items)", "keys(@)", "to_number(a)", "@", "a < b", "sum(items)", "ceil(a)"]
)  # fmt: skip
TYPES = st.sampled_from(["text", "number", "decimal_comma", "boolean", "timestamp"])
PART = (
    EXPRESSIONS
    | st.fixed_dictionaries({"path": EXPRESSIONS, "as": TYPES})
    | st.fixed_dictionaries({"path": EXPRESSIONS}, optional={"default": JSON, "keep_null": st.booleans()})
    | st.fixed_dictionaries({"path": EXPRESSIONS, "as": st.just("timestamp"), "format": TEXT})
    | EXPRESSIONS.map(lambda each: {"template": f"x-{{{each}}}"})
)
MAPPING = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "identify", "page", "group", "alias"]),
        "event": st.just("Seen"), "user_id": PART, "group_id": PART, "previous_id": PART,
    },
    optional={
        "when": EXPRESSIONS, "for_each": EXPRESSIONS, "timestamp": PART, "message_id": PART, "anonymous_id": PART,
        "properties": EXPRESSIONS | st.dictionaries(KEYS, PART, max_size=4),
        "traits": st.dictionaries(KEYS | st.sampled_from(["email", "*"]), PART, max_size=4),
        "context": st.dictionaries(st.sampled_from(["campaign.click_id", "a", "a.b", "a.b.c"]), PART, max_size=3),
    },
)  # fmt: skip


def compiled(document: Any) -> Mapping | None:
    """The mapping, None when the document is none and says why."""
    with suppress(MappingInvalid):
        return compile_mapping(document)
    return None


@settings(max_examples=150, deadline=None)
@given(MAPPING, JSON)
def test_any_record_is_events_or_errors_with_names(document: dict[str, Any], record: Any) -> None:
    mapping = compiled(document)
    if mapping is None:
        return
    result = mapping.map(record)

    assert mapping.map(record) == result
    for found in result.problems:
        assert found.code
        assert found.reason
    for item in result.items:
        with suppress(ItemRejected):
            event = accept_item(item, Envelope(source_id=1, received_at=NOW))
            assert decode_event(encode_accepted(event, item))["message_id"] == item["messageId"]


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_as_a_mapping_is_compiled_or_has_problems(document: Any) -> None:
    for written in (
        document,
        {"type": "track", "event": "Seen", "user_id": document, "properties": document},
    ):
        compiled(written)


@settings(max_examples=100, deadline=None)
@given(TEXT | st.text("[]{}()|@.*&!'`\",ab:?", max_size=40))
def test_any_text_as_an_expression_is_compiled_or_has_a_problem(text: str) -> None:
    mapping = compiled({"type": "track", "event": "Seen", "user_id": text})

    if mapping is not None:
        mapping.map(parse_json(orjson.dumps({"a": {"b": [1, "x", None]}})))


@settings(max_examples=300, deadline=None)
@given(MAPPING, JSON | st.dictionaries(KEYS, JSON, max_size=6))
def test_the_generated_function_makes_what_the_parts_make(document: dict[str, Any], record: Any) -> None:
    mapping = compiled(document)
    if mapping is None:
        return
    quick = mapping.map(record, identity="r1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_made", Rule._made_by_parts)
        slow = mapping.map(record, identity="r1")
    assert repr(quick) == repr(slow)


RULES = st.builds(lambda rule: {"events": [rule, rule]}, MAPPING)


@settings(max_examples=300, deadline=None)
@given(MAPPING | RULES, JSON | st.dictionaries(KEYS, JSON, max_size=6), st.sampled_from(["r1", "r" * 200]))
def test_whoever_asks_for_the_events_alone_gets_them_or_the_first_problem(
    document: dict[str, Any], record: Any, identity: str
) -> None:
    mapping = compiled(document)
    if mapping is None:
        return
    whole = mapping.map(record, identity=identity)
    made, problem = None, None
    try:
        made = mapping.made(record, identity)
    except RecordFailed as failed:
        problem = failed.problem
    if whole.problems:
        assert (made, problem) == (None, whole.problems[0])
    else:
        assert repr(made) == repr(whole.items)
