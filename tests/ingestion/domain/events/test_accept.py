"""An item becomes an event or is rejected with a rule; nothing that JSON can say makes it fail otherwise."""

from contextlib import suppress
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.consent import recorded_purposes
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted, rejection_record
from ingestion.domain.events.limits import MAX_EVENT_BYTES
from streaming.contracts.events import EVENT_TYPES, decode_event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "type", "messageId", "event", "userId", "anonymousId", "groupId", "previousId", "properties", "traits", "context",
    "integrations", "timestamp", "originalTimestamp", "sentAt", "name", "category", "channel", "writeKey", "purposes",
]  # fmt: skip
TYPE = st.sampled_from(sorted(EVENT_TYPES))
ITEM = st.dictionaries(st.sampled_from(FIELDS) | TEXT, JSON, max_size=10)
LIKELY = st.fixed_dictionaries(
    {"type": TYPE, "userId": TEXT, "event": TEXT, "groupId": TEXT, "previousId": TEXT},
    optional={
        "messageId": JSON,
        "timestamp": JSON | st.datetimes().map(datetime.isoformat),
        "originalTimestamp": JSON | st.datetimes().map(datetime.isoformat),
        "sentAt": JSON | st.datetimes().map(datetime.isoformat),
        "properties": st.dictionaries(TEXT, JSON, max_size=4),
        "context": st.dictionaries(TEXT | st.just("purposes"), JSON, max_size=4),
        "purposes": JSON,
    },
)


def envelope(**fields) -> Envelope:
    return Envelope(**{"source_id": 7, "received_at": NOW, **fields})


def accepted(item, **fields):
    return accept_item(item, envelope(**fields))


def track(**fields):
    return {"type": "track", "messageId": "m1", "userId": "u1", "event": "E", **fields}


@settings(max_examples=600, deadline=None)
@given(item=JSON | ITEM | LIKELY, path_type=st.none() | TYPE, sent_at=JSON)
def test_any_json_is_accepted_or_rejected(item, path_type, sent_at):
    around = envelope(
        type=path_type, sent_at=sent_at, context={"a": 1}, integrations={"b": 2}, ip="127.0.0.1"
    )
    event, value, rejected = None, None, None
    try:
        event = accept_item(item, around)
        value = encode_accepted(event, item)
    except ItemRejected as error:
        rejected = error
    if rejected is not None:
        kept = orjson.loads(rejection_record(item, rejected, around).value or b"")
        assert (kept["code"], kept["source_id"], kept["reason"]) == (rejected.code, 7, rejected.reason)
        return
    assert decode_event(value) == event
    assert event["user_id"] or event["anonymous_id"]
    assert 0 < len(event["message_id"]) <= 100
    assert "1970-01-02" <= event["timestamp"] <= event["received_at"] == "2026-11-24T12:00:00.000000Z"
    assert event["type"] != "track" or event["event"]
    assert all(type(event[field]) is dict for field in ("properties", "traits", "context", "integrations"))


@given(item=LIKELY)
def test_accepting_changes_nothing_in_the_item(item):
    before = orjson.dumps(item)
    with suppress(ItemRejected):
        encode_accepted(accepted(item, context={"x": 1}), item)
    assert orjson.dumps(item) == before


def test_the_type_of_the_path_wins():
    assert accepted({"type": "track", "userId": "u"}, type="identify")["type"] == "identify"


@pytest.mark.parametrize(
    ("given_id", "kept"), [(42, "42"), ("  a ", "  a "), (2**63, str(2**63)), ("é", "é")]
)
def test_identifiers_are_texts_and_numbers(given_id, kept):
    assert accepted(track(userId=given_id))["user_id"] == kept


@pytest.mark.parametrize("bad", [1.5, True, {"id": 1}, ["a"], "x" * 256])
@pytest.mark.parametrize("field", ["userId", "anonymousId"])
def test_other_identifiers_are_rejected(field, bad):
    with pytest.raises(ItemRejected, match=field) as rejected:
        accepted(track(**{field: bad}))
    assert rejected.value.code == "bad_identifier"


@pytest.mark.parametrize("nobody", [{}, {"userId": None}, {"userId": "", "anonymousId": ""}])
def test_nobody_is_rejected(nobody):
    with pytest.raises(ItemRejected, match="userId or anonymousId is required"):
        accepted({"type": "track", "event": "E", **nobody})


def test_the_anonymous_id_of_the_request_serves_items_without_one():
    assert accepted(track(anonymousId=""), anonymous_id="a9")["anonymous_id"] == "a9"
    assert accepted(track(anonymousId="own"), anonymous_id="a9")["anonymous_id"] == "own"


@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_message_id_is_fresh(absent):
    first, second = (accepted(track(messageId=absent))["message_id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("empty", [None, [], {}, "", 0, False])
def test_empty_objects_in_all_their_forms_are_empty_objects(empty):
    event = accepted(track(properties=empty, context=empty))
    assert (event["properties"], event["context"]) == ({}, {})


@pytest.mark.parametrize("field", ["properties", "traits", "context"])
def test_a_key_may_be_long_and_there_may_be_many(field):
    assert accepted(track(**{field: {"k" * 255: 1, "j" * 255: 2}}))[field]
    with pytest.raises(ItemRejected, match="longer than 255") as rejected:
        accepted(track(**{field: {"k": 1, "j" * 256: 2}}))
    assert rejected.value.code == "key_too_long"


def test_what_is_around_an_item_without_a_context_is_its_context():
    assert accepted(track(), context={"a": 1})["context"] == {"a": 1}
    assert accepted(track(), ip="1.1.1.1")["context"] == {"ip": "1.1.1.1"}
    assert accepted(track(channel="web"))["context"] == {"channel": "web"}
    assert accepted(track(channel=7))["context"] == {}


def test_what_the_item_says_goes_before_what_the_batch_says():
    shared = {"context": {"ip": "1.1.1.1", "a": 1}, "integrations": {"All": True}}
    event = accepted(track(context={"a": 2}, integrations={"All": False}), **shared, ip="2.2.2.2")
    assert (event["context"], event["integrations"]) == ({"ip": "1.1.1.1", "a": 2}, {"All": False})


def test_the_address_is_filled_in_unless_the_server_sdk_said_it():
    assert accepted(track(), ip="2.2.2.2")["context"] == {"ip": "2.2.2.2"}
    assert accepted(track(context={"ip": "9.9.9.9"}), ip="2.2.2.2")["context"] == {"ip": "9.9.9.9"}


def test_an_event_just_within_and_just_above_the_limit():
    def sized(size):
        item = track(properties={"x": ""})
        return item | {"properties": {"x": "y" * (size - len(orjson.dumps(item)))}}

    within, above = sized(MAX_EVENT_BYTES), sized(MAX_EVENT_BYTES + 1)
    assert len(orjson.dumps(above)) == MAX_EVENT_BYTES + 1
    assert encode_accepted(accepted(within), within)
    with pytest.raises(ItemRejected, match="at most 32,768 bytes"):
        encode_accepted(accepted(above), above)


LISTED = ["service", "Analytics"]


@pytest.mark.parametrize(
    ("fields", "carried"),
    [
        ({"purposes": LISTED}, LISTED),
        ({"context": {"purposes": LISTED}}, LISTED),
        ({"purposes": ["own"], "context": {"purposes": LISTED}}, ["own"]),
        ({"purposes": [], "context": {"purposes": LISTED}}, LISTED),
        ({"purposes": None}, None),
        ({"context": {"purposes": {"marketing": True}}}, None),
        ({"context": {"purposes": "marketing"}}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_purposes_that_an_item_states_are_carried(fields, carried):
    event = accepted(track(**fields))
    assert event.get("purposes") == carried
    assert recorded_purposes(event) == (["only", *(name.lower() for name in carried)] if carried else [])


@pytest.mark.parametrize(
    "bad", ["service", {"service": True}, [1], [""], ["x" * 101], ["x"] * 51, [["service"]], True], ids=str
)
def test_purposes_that_cannot_be_read_are_rejected_and_not_forgotten(bad):
    with pytest.raises(ItemRejected, match="purposes should be a list") as rejected:
        accepted(track(purposes=bad))
    assert rejected.value.code == "bad_purposes"


def test_the_purposes_of_a_batch_hold_for_items_that_state_none():
    shared = {"context": {"purposes": ["service"]}}
    assert accepted(track(), **shared)["purposes"] == ["service"]
    assert accepted(track(context={"purposes": ["own"]}), **shared)["purposes"] == ["own"]


@pytest.mark.parametrize(("levels", "taken"), [(31, True), (32, False), (300, False), (900, False)])
def test_depth(levels, taken):
    value: object = 1
    for _ in range(levels):
        value = [value]
    item = track(properties={"a": value})
    if taken:
        assert encode_accepted(accepted(item), item)
        return
    with pytest.raises(ItemRejected, match="nested deeper than 32") as rejected:
        encode_accepted(accepted(item), item)
    assert orjson.loads(rejection_record(item, rejected.value, envelope()).value or b"")["code"] == "too_deep"


def test_an_alias_and_a_group_need_their_other_id():
    assert accepted({"type": "alias", "userId": "u", "previousId": 5})["previous_id"] == "5"
    assert accepted({"type": "group", "userId": "u", "groupId": "g"})["group_id"] == "g"
    for event_type, code in (("alias", "missing_previous_id"), ("group", "missing_group_id")):
        with pytest.raises(ItemRejected) as rejected:
            accepted({"type": event_type, "userId": "u"})
        assert rejected.value.code == code
