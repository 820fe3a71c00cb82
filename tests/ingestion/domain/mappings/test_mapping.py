"""A mapping makes events of records of any shape, or says what is wrong and where."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ingestion.domain.mappings import Mapped, MappingInvalid, compile_mapping

ORDER: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "user_id": "customer.id",
    "properties": {"total": {"path": "amount", "as": "number"}, "order_id": "id"},
}
PAYLOAD = {"id": "o-1", "amount": "12.50", "customer": {"id": 42}}


def mapped(document: dict[str, Any], record: Any, **identity: str) -> Mapped:
    return compile_mapping(document).map(record, **identity)


def only(document: dict[str, Any], record: Any, **identity: str) -> dict[str, Any]:
    result = mapped(document, record, **identity)
    assert not result.problems
    [item] = result.items
    return item


def part(written: Any, record: Any) -> Any:
    """What one value of an event comes to."""
    item = only({**ORDER, "user_id": {"value": "u"}, "properties": {"it": written}}, record)
    return item.get("properties", {}).get("it", "absent")


def problem(document: dict[str, Any], record: Any) -> tuple[str, str]:
    [found] = mapped(document, record).problems
    return found.code, found.field


def test_an_event_is_made_of_the_fields_that_the_mapping_names() -> None:
    item = only(
        {**ORDER, "message_id": "id", "timestamp": "at"}, {**PAYLOAD, "at": "2026-11-01T10:00:00+01:00"}
    )

    assert item == {
        "type": "track",
        "event": "Order Completed",
        "userId": "42",
        "messageId": "o-1",
        "timestamp": "2026-11-01T09:00:00.000000Z",
        "properties": {"total": 12.5, "order_id": "o-1"},
    }


def test_the_same_content_is_the_same_message_and_other_content_another() -> None:
    first = only(ORDER, PAYLOAD)["messageId"]

    assert only(ORDER, dict(reversed(PAYLOAD.items())))["messageId"] == first
    assert only(ORDER, {**PAYLOAD, "note": "x"})["messageId"] != first
    assert only(ORDER, PAYLOAD, identity="crm-orders-o-1")["messageId"] == "crm-orders-o-1"


def test_events_of_one_record_have_ids_of_their_own() -> None:
    document = {
        "events": [ORDER, {"type": "identify", "user_id": "customer.id", "traits": {"last_order": "id"}}]
    }

    first, second = mapped(document, PAYLOAD).items

    assert second["messageId"] == f"{first['messageId']}-2"
    assert second["traits"] == {"last_order": "o-1"}


def test_a_list_in_the_record_becomes_several_events() -> None:
    document = {
        "type": "track", "event": "Product Bought", "for_each": "lines", "user_id": "record.customer.id",
        "message_id": {"template": "{record.id}-{item.sku}"},
        "properties": {"sku": "item.sku", "place": "index"},
    }  # fmt: skip
    record = {**PAYLOAD, "lines": [{"sku": "a"}, {"sku": "b"}, "torn"]}

    result = mapped(document, record)

    assert [item["messageId"] for item in result.items[:2]] == ["o-1-a", "o-1-b"]
    assert [item["properties"] for item in result.items] == [
        {"sku": "a", "place": 0}, {"sku": "b", "place": 1}, {"place": 2},
    ]  # fmt: skip
    assert mapped(document, PAYLOAD).items == []
    assert problem(document, {**PAYLOAD, "lines": {}}) == ("bad_value", "for_each")
    assert problem(document, {**PAYLOAD, "lines": [{}] * 1001}) == ("too_many_events", "for_each")


def test_a_condition_leaves_records_out_without_a_problem() -> None:
    document = {**ORDER, "when": "status == 'paid' && amount"}

    assert mapped(document, {**PAYLOAD, "status": "paid"}).items
    assert mapped(document, {**PAYLOAD, "status": "open"}) == Mapped([], [])


@pytest.mark.parametrize(
    ("written", "record", "value"),
    [
        ("a.b", {"a": {"b": [1]}}, [1]),
        ('"Order Date"', {"Order Date": "x"}, "x"),
        ("a.b", {"a": "text"}, "absent"),
        ("items[?paid].sum | [0]", {"items": [{"paid": False, "sum": 1}, {"paid": True, "sum": 2}]}, 2),
        ("items[1]", {"items": ["a", "b"]}, "b"),
        ("items[2]", {"items": ["a", "b"]}, "absent"),
        ("items[-2]", {"items": ["a", "b"]}, "a"),
        ("items[-3]", {"items": ["a", "b"]}, "absent"),
        ("items[0]", {"items": "ab"}, "absent"),
        ("length(items)", {"items": [1, 2]}, 2),
        (7, {}, 7),
        ({"value": "a.b"}, {"a": {"b": 1}}, "a.b"),
        ({"template": "{a}/{b.c} {{x}}"}, {"a": 1, "b": {"c": "d"}}, "1/d {x}"),
        ({"template": "{a}/{b}"}, {"a": 1}, "absent"),
        ({"path": "a", "as": "number"}, {"a": "1,234.5"}, 1234.5),
        ({"path": "a", "as": "decimal_comma"}, {"a": "1.234,5"}, 1234.5),
        ({"path": "a", "as": "boolean"}, {"a": "Yes"}, True),
        ({"path": "a", "as": "text"}, {"a": 3.0}, "3"),
        ({"path": "a", "as": "timestamp"}, {"a": 1_700_000_000}, "2023-11-14T22:13:20.000000Z"),
        ({"path": "a", "as": "timestamp"}, {"a": 1_700_000_000_000}, "2023-11-14T22:13:20.000000Z"),
        ({"path": "a", "as": "timestamp", "zone": "Europe/Berlin"}, {"a": "2026-07-01T12:00"}, "2026-07-01T10:00:00.000000Z"),
        ({"path": "a", "as": "timestamp", "format": "%d.%m.%Y"}, {"a": "31.12.2025"}, "2025-12-31T12:00:00.000000Z"),
        ({"path": "a", "map": {"1": "new", "2": "old"}}, {"a": 1}, "new"),
        ({"path": "a", "map": {"1": "new"}, "default": "other"}, {"a": 9}, "other"),
        ({"path": "a", "default": 0}, {"a": ""}, 0),
        ({"path": "a", "keep_null": True}, {"a": None}, None),
        ("a", {"a": None}, "absent"),
        ("a", {"a": "nul\0"}, "nul\ufffd"),
        ("a", {"a": float("nan")}, "absent"),
        ("a", {"a": 2**70}, 2.0**70),
        ("a", {"a": Decimal("12.50")}, 12.5),
        ("a", {"a": Decimal("12.0")}, 12),
        ("a", {"a": datetime(2026, 1, 5, 10, tzinfo=UTC)}, "2026-01-05T10:00:00.000000Z"),
        ("a", {"a": date(2026, 1, 5)}, "2026-01-05"),
        ("a", {"a": b"\xff\x00"}, "/wA="),
    ],
)  # fmt: skip
def test_a_value_is_an_expression_a_constant_or_a_template_read_as_a_type(
    written: Any, record: Any, value: Any
) -> None:
    assert part(written, record) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"path": "a", "as": "number"}, "Jane Doe"),
        ({"path": "a", "as": "number"}, "1e999"),
        ({"path": "a", "as": "boolean"}, 2),
        ({"path": "a", "as": "text"}, {"b": 1}),
        ({"path": "a", "as": "timestamp"}, "yesterday"),
        ({"path": "a", "as": "timestamp"}, "0001-01-01T00:00:00+14:00"),
        ({"path": "a", "as": "timestamp"}, 10**400),
        ({"path": "a", "as": "timestamp", "format": "%d.%m.%Y"}, "2025-12-31"),
        ({"path": "a", "required": True}, None),
        ("a", [[0] * 30_000]),
        ("join(', ', a)", [1]),
        ("a < `3` && sort(a)", 2),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_without_the_value(written: Any, value: Any) -> None:
    document = {**ORDER, "properties": {"it": written}}

    [found] = mapped(document, {**PAYLOAD, "a": value}).problems

    assert found.field == "properties.it"
    assert found.code in {"bad_value", "missing_value", "value_too_large", "bad_expression"}
    assert "Jane" not in found.reason


def test_who_is_known_by_a_contact_or_a_click_only_gets_an_id_that_says_nothing() -> None:
    by_mail = {"type": "identify", "traits": {"email": "mail"}}
    by_click = {"type": "track", "event": "Ad Clicked", "context": {"campaign.click_id": "gclid"}}

    jane = only(by_mail, {"mail": "Jane@Example.com"})
    click = only(by_click, {"gclid": "Cj0KCQ"})

    assert jane["anonymousId"] == only(by_mail, {"mail": "jane@example.com"})["anonymousId"]
    assert jane["anonymousId"].startswith("email-")
    assert "jane" not in jane["anonymousId"]
    assert click["anonymousId"].startswith("click-")
    assert click["context"] == {"campaign": {"click_id": "Cj0KCQ"}}
    assert problem(by_mail, {"mail": "nobody"}) == ("missing_identity", "user_id")


def test_traits_stand_where_an_sdk_would_put_them() -> None:
    traits = {"traits": {"email": "mail", "*": "customer"}}
    record = {**PAYLOAD, "mail": "jane@example.com"}

    assert only({**ORDER, **traits}, record)["context"]["traits"] == {"id": 42, "email": "jane@example.com"}
    assert only({"type": "identify", **traits}, record)["traits"] == {"id": 42, "email": "jane@example.com"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "trak"}, "type"),
        ({"type": None}, "type"),
        ({"event": ""}, "event"),
        ({"event": "x" * 201}, "event"),
        ({"user_id": None}, "user_id"),
        ({"user_id": "a["}, "user_id"),
        ({"user_id": ["a"]}, "user_id"),
        ({"user_id": "nothing(a)"}, "user_id"),
        ({"user_id": "a" * 1001}, "user_id"),
        ({"user_id": f"{'(' * 495}a{')' * 495}"}, "user_id"),
        ({"user_id": "!" * 60 + "a"}, "user_id"),
        ({"userId": "a"}, "userId"),
        ({"when": ""}, "when"),
        ({"for_each": 3}, "for_each"),
        ({"purposes": "all"}, "purposes"),
        ({"properties": ["a"]}, "properties"),
        ({"properties": {"total": {"path": "a", "value": 1}}}, "properties.total"),
        ({"properties": {"total": {"path": "a", "as": "money"}}}, "properties.total"),
        ({"properties": {"total": {"path": "a", "frmat": "x"}}}, "properties.total"),
        ({"properties": {"total": {"path": "a", "zone": "Europe/Berlin"}}}, "properties.total"),
        ({"properties": {"total": {"template": "{a"}}}, "properties.total"),
        ({"timestamp": {"path": "a", "zone": "Mars/Olympus"}}, "timestamp"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"time_of_day": "25:00"}, "zone"),
        ({"version": 2}, "version"),
        ({"events": []}, "events"),
        ({"events": [ORDER]}, "type"),
        ({"properties": {str(key): "a" for key in range(301)}}, ""),
    ],
)
def test_a_mapping_that_cannot_be_used_says_so_at_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        compile_mapping({**ORDER, **change})

    assert field in [each.field for each in caught.value.problems]


def test_all_problems_of_a_mapping_are_said_at_once_with_their_rule() -> None:
    with pytest.raises(MappingInvalid) as caught:
        compile_mapping({"events": [ORDER, {"type": "group", "user_id": "a", "x": 1}, 5]})

    assert {each.field for each in caught.value.problems} == {
        "events[1].group_id",
        "events[1].x",
        "events[2]",
    }


@pytest.mark.parametrize(
    "document", [None, [], "x", {"properties": float("nan")}, {"a": 2**80}, {"a": "x" * 70_000}]
)
def test_what_is_no_mapping_at_all_is_refused(document: Any) -> None:
    with pytest.raises(MappingInvalid):
        compile_mapping(document)


def expensive() -> Iterator[str]:
    """Expressions that would hold or look at far more than the record does."""
    doubled = " | ".join(["[@, @]"] * 30)
    yield doubled
    yield f"{doubled} | to_string(@)"
    yield f"({doubled}) == ({doubled})"
    yield f"text | {' | '.join(['[@, @][]'] * 30)}"
    yield f"text | {' | '.join([JOINED] * 30)}"
    yield "join(text, list)"


JOINED = "join('', [@, @])"


@pytest.mark.parametrize("expression", list(expensive()))
def test_an_expression_cannot_cost_more_than_its_share(expression: str) -> None:
    record = {"text": "x" * 100_000, "list": ["y"] * 5_000}
    document = {**ORDER, "user_id": {"value": "u"}, "properties": {"it": expression}}

    assert problem(document, record) == ("too_much_work", "properties.it")
