"""Attacks 5 to 12 and 18, by what stands in a body: depth, numbers, characters, keys, and bad items among good ones."""

import json
import time
import uuid

import pytest

from tests.ingestion.collector.attacks.sending import nested, track


@pytest.mark.parametrize("levels", [33, 250, 300, 900, 990, 1000, 1010, 1020, 1100, 10_000, 100_000])
def test_attack_05_deep_json_is_refused_at_any_depth(server, levels):
    answer = server.post("/v1/track", nested(levels))
    assert (answer.status, answer.json["code"]) in {(400, "too_deep"), (400, "invalid_json")}
    needs_repair = server.post("/v1/track", nested(levels, more=b',"name":"\\u0000"'))
    assert needs_repair.status == 400


@pytest.mark.parametrize("levels", [40, 300, 980])
def test_attack_05_a_deep_item_does_not_cost_its_batch(server, log, levels):
    good, bad = track(), str(uuid.uuid4())
    content = b'{"batch":[' + nested(levels, message_id=bad) + b"," + json.dumps(good).encode() + b"]}"
    answer = server.post("/v1/batch", content)
    assert (answer.status, [each["code"] for each in answer.json["rejected"]]) == (200, ["too_deep"])
    assert log.event(good["messageId"])
    assert [each["code"] for each in log.rejections() if each["message_id"] == bad] == ["too_deep"]


def test_attack_05_depth_up_to_the_limit_is_taken(server, log):
    message_id = str(uuid.uuid4())
    assert server.post("/v1/track", nested(30, message_id=message_id)).status == 200
    assert log.event(message_id)


def test_attack_06_of_duplicate_keys_the_last_one_counts_everywhere(server, log):
    message_id = str(uuid.uuid4())
    content = (
        b'{"messageId":"x","messageId":"%s","userId":"first","userId":"u1","event":"A","event":"B",'
        b'"properties":{"a":1,"a":2}}' % message_id.encode()
    )
    assert server.post("/v1/track", content).status == 200
    repaired = content.replace(b'"a":2', b'"a":2,"b":NaN').replace(
        message_id.encode(), b"r" + message_id.encode()
    )
    assert server.post("/v1/track", repaired).status == 200
    for event in (log.event(message_id), log.event("r" + message_id)):
        assert (event["user_id"], event["event"], event["properties"]["a"]) == ("u1", "B", 2)


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        ("NaN", None), ("Infinity", None), ("-Infinity", None), ("1e999", None), ("-1e999", None),
        (str(2**70), float(2**70)), (str(2**64), float(2**64)), (str(2**63), 2**63), ("1" * 5000, None),
        ("1" * 300, float("1" * 300)), ("-0.0", 0.0), ("1e-999", 0.0),
    ],
)  # fmt: skip
def test_attack_07_numbers_that_json_or_postgresql_do_not_know(server, log, number, stored):
    message_id = str(uuid.uuid4())
    content = json.dumps(track(messageId=message_id, properties={"n": 0})).replace('"n": 0', f'"n": {number}')
    assert server.post("/v1/track", content.encode()).status == 200
    assert log.event(message_id)["properties"] == {"n": stored}


def test_attack_08_nul_characters_become_replacement_characters(server, log):
    message_id = f"{uuid.uuid4()}\0"
    sent = track(messageId=message_id, userId="a\0b", event="E\0", properties={"k\0": {"x": ["\0"]}})
    assert server.post("/v1/track", sent).status == 200
    event = log.event(message_id.replace("\0", "\ufffd"))
    assert (event["user_id"], event["event"]) == ("a\ufffdb", "E\ufffd")
    assert event["properties"] == {"k\ufffd": {"x": ["\ufffd"]}}


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (b"\\ud83d", "\ufffd"), (b"\\ude00x", "\ufffdx"), (b"\\ud83d\\ude00", "\U0001f600"), (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"), (b"gr\xf6\xdfe", "gr\ufffd\ufffde"), (b"\xed\xa0\xbd", "\ufffd\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_attack_09_lone_surrogates_and_invalid_utf8_are_replaced(server, log, written, stored):
    good = track()
    bad = track(properties={"title": "HERE"})
    content = json.dumps({"batch": [bad, good]}).encode().replace(b"HERE", written)
    assert server.post("/v1/batch", content).json == {"success": True}
    assert log.event(bad["messageId"])["properties"] == {"title": stored}
    assert log.event(good["messageId"])


def test_attack_10_special_keys_are_plain_data(server, log):
    odd = {"__proto__": {"admin": True}, "constructor": {"prototype": 1}, "__class__": "x", "__init__": None,
           "source_id": 1, "v": 9, "$set": 1, "a.b": 2, "": 3, "'; DROP TABLE x; --": 4}  # fmt: skip
    sent = track(
        properties=odd, traits=odd, **{key: value for key, value in odd.items() if key not in {"v", ""}}
    )
    assert server.post("/v1/track", sent).status == 200
    event = log.event(sent["messageId"])
    assert (event["properties"], event["v"]) == (odd, 1)
    assert not {"__proto__", "__class__", "$set"} & event.keys()


def test_attack_11_a_hundred_thousand_properties(server, log):
    good = track()
    many = track(properties={f"k{number}": 1 for number in range(100_000)})
    started = time.monotonic()
    answer = server.post("/v1/import", {"batch": [many, good]})
    assert (answer.status, answer.json["rejected"][0]["code"]) == (200, "event_too_large")
    assert time.monotonic() - started < 5
    assert log.event(good["messageId"])
    [rejection] = [each for each in log.rejections() if each["message_id"] == many["messageId"]]
    assert len(rejection["raw"]) <= 32 * 1024 < rejection["raw_bytes"]


@pytest.mark.parametrize("place", ["properties", "traits", "context", "integrations"])
def test_attack_12_a_key_of_a_megabyte(server, place):
    answer = server.post("/v1/import", {"batch": [track(**{place: {"k" * 1_000_000: 1}})]})
    assert (answer.status, answer.json["code"]) == (400, "key_too_long")
    inside = server.post("/v1/import", {"batch": [track(**{place: {"a": {"k" * 1_000_000: 1}}})]})
    assert (inside.status, inside.json["code"]) == (400, "event_too_large")
    named = server.post("/v1/import", {"batch": [track() | {"k" * 1_000_000: 1}]})
    assert named.status == 200, "fields that the protocol does not know are left out"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (None, "not_an_object"), ([], "not_an_object"), ("x", "not_an_object"), (7, "not_an_object"),
        ({}, "unknown_type"), ({"type": "erase", "userId": "u"}, "unknown_type"), ({"type": ["track"]}, "unknown_type"),
        ({"type": "track", "event": "E"}, "missing_identity"), ({"type": "track", "userId": "u"}, "missing_event_name"),
        ({"type": "track", "userId": {"a": 1}, "event": "E"}, "bad_identifier"),
        ({"type": "track", "userId": "u" * 300, "event": "E"}, "bad_identifier"),
        ({"type": "track", "userId": "u", "event": "E" * 201}, "event_name_too_long"),
        ({"type": "track", "userId": "u", "event": {"a": 1}}, "missing_event_name"),
        ({"type": "track", "userId": "u", "event": "E", "messageId": "m" * 101}, "bad_message_id"),
        ({"type": "track", "userId": "u", "event": "E", "messageId": [1]}, "bad_message_id"),
        ({"type": "track", "userId": "u", "event": "E", "properties": "x"}, "bad_properties"),
        ({"type": "track", "userId": "u", "event": "E", "properties": {"x": "y" * 33_000}}, "event_too_large"),
        ({"type": "group", "userId": "u"}, "missing_group_id"), ({"type": "alias", "userId": "u"}, "missing_previous_id"),
    ],
)  # fmt: skip
def test_attack_18_one_bad_item_does_not_cost_its_batch(server, log, bad, code):
    before, after = track(), track()
    rejected_before = len(log.rejections())
    answer = server.post("/v1/batch", {"batch": [before, bad, after]})
    assert answer.status == 200
    assert [(each["index"], each["code"]) for each in answer.json["rejected"]] == [(1, code)]
    assert log.event(before["messageId"])
    assert log.event(after["messageId"])
    rejections = log.rejections()
    assert (len(rejections) - rejected_before, rejections[-1]["code"]) == (1, code)
    raw = json.dumps(bad, separators=(",", ":"))
    assert (rejections[-1]["raw"], rejections[-1]["raw_bytes"]) == (raw[: 32 * 1024], len(raw))
