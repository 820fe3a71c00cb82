"""The collector's part of the attack list, 1 to 22: each test carries the number of the attack in its name."""

import asyncio
import gzip
import itertools
import json
import socket
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from contextlib import ExitStack, suppress

import psutil
import pytest

from ingestion.collector import body as reading
from ingestion.collector.answers import Refused
from ingestion.collector.body import read_body
from tests.ingestion.collector.serving import KEY, ROOT, Server, add_source, basic, eventually

MAX_REQUEST = 500 * 1024


def track(**fields):
    return {"type": "track", "messageId": str(uuid.uuid4()), "userId": "u1", "event": "E", **fields}


def nested(levels: int, *, message_id: str = "deep", more: bytes = b"") -> bytes:
    """A track whose properties are nested so deeply, written by hand because no encoder goes so far."""
    lists = b"[" * levels + b"]" * levels
    head = b'{"type":"track","messageId":"%s","userId":"u1","event":"E"' % message_id.encode()
    return head + more + b',"properties":{"a":' + lists + b"}}"


def still_serves(server: Server) -> bool:
    return server.post("/v1/track", track()).status == 200


def memory(server: Server) -> int:
    assert server.process is not None
    parent = psutil.Process(server.process.pid)
    return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))


def request_bytes(path: str, headers: str, content: bytes = b"") -> bytes:
    authorization = basic(KEY)["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: {authorization}\r\n{headers}\r\n"
    return head.encode("latin-1") + content


def test_attack_01_a_gzip_bomb_is_refused_before_it_unfolds(server):
    bomb = gzip.compress(b'{"userId":"' + bytes(400_000_000) + b'"}', 9)
    assert len(bomb) < MAX_REQUEST
    before = memory(server)
    for path in ("/v1/track", "/v1/batch", "/v1/import"):
        answer = server.post(path, bomb)
        assert (answer.status, answer.json["code"]) == (413, "request_too_large")
    assert memory(server) - before < 64 << 20


def test_attack_01_gzip_within_gzip_is_unpacked_once(server):
    twice = gzip.compress(gzip.compress(json.dumps(track()).encode()))
    assert server.post("/v1/track", twice).json["code"] == "invalid_json"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "nonsense"])
def test_attack_02_a_wrong_content_encoding_does_not_decide(server, log, encoding):
    plain, packed = track(), track()
    assert server.post("/v1/track", plain, Content_Encoding=encoding).status == 200
    answer = server.post("/v1/track", gzip.compress(json.dumps(packed).encode()), Content_Encoding=encoding)
    assert answer.status == 200
    assert log.event(plain["messageId"])
    assert log.event(packed["messageId"])


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8b", gzip.compress(b'{"a":1}' * 500)[:-9], b"\x1f\x8b" + bytes(100)],
    ids=["head only", "cut", "garbage"],
)
def test_attack_02_broken_gzip_is_said_to_be(server, content):
    answer = server.post("/v1/track", content, Content_Encoding="gzip")
    assert (answer.status, answer.json["code"]) == (400, "invalid_gzip")


def test_attack_03_a_body_above_the_limit_is_refused_whole_or_in_chunks(server):
    for size in (MAX_REQUEST + 1, 4 << 20):
        answer = server.post("/v1/track", b" " * size)
        assert (answer.status, answer.json["code"]) == (413, "request_too_large"), (
            "read by who has sent it all"
        )
    chunked = request_bytes("/v1/track", "Transfer-Encoding: chunked\r\n")
    chunked += b"".join(b"10000\r\n" + bytes(65536) + b"\r\n" for _ in range(9)) + b"0\r\n\r\n"
    assert server.raw(chunked, seconds=3).startswith(b"HTTP/1.1 413 ")
    announced = request_bytes("/v1/track", f"Content-Length: {20 << 20}\r\n")
    assert server.raw(announced, seconds=1).startswith(b"HTTP/1.1 413 "), "before the body is sent"
    assert still_serves(server)


def test_attack_03_an_endless_body_is_not_read_for_ever():
    parts = itertools.repeat({"type": "http.request", "body": bytes(1 << 20), "more_body": True}, 100)

    async def receive():
        return next(parts)

    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(receive, MAX_REQUEST))
    assert refused.value.answer.status == 413
    assert len(list(parts)) > 90


def test_attack_04_many_slow_requests_hold_up_nobody(server):
    heads = [
        b"POST /v1/track HTTP/1.1\r\nHost: x\r\n",
        request_bytes("/v1/track", "Content-Length: 1000\r\n", b"{"),
    ]
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(300)
        ]
        for number, each in enumerate(sockets):
            each.sendall(heads[number % 2])
        for _ in range(20):
            started = time.monotonic()
            assert still_serves(server)
            assert time.monotonic() - started < 2
        sockets[0].settimeout(10)
        assert sockets[0].recv(1000).startswith((b"HTTP/1.1 408", b"")), "a head that never ends is given up"


@pytest.mark.parametrize("parts", [0, 1])
def test_attack_04_a_body_that_does_not_come_is_answered_408(monkeypatch, parts):
    monkeypatch.setattr(reading, "READ_TIMEOUT_S", 0.05)
    messages = [{"type": "http.request", "body": b"{", "more_body": True}] * parts

    async def receive():
        return messages.pop() if messages else await asyncio.Event().wait()

    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(receive, 1000))
    assert refused.value.answer.status == 408


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


def test_attack_13_nothing_that_is_sent_can_forge_a_line_of_the_log(server):
    forged = "\r\nFORGED line"
    for number in range(3):
        server.post(
            "/v1/track",
            track(event=forged, userId=forged, messageId=f"{forged}{number}"),
            User_Agent="FORGED",
        )
        server.post("/v1/track", track(type=forged, event=None))
        server.post("/v1/track", forged.encode())
        server.request("POST", "/v1/track%0d%0aFORGED", b"{}", basic(KEY))
        server.request("GET", "/v1/projects/x%0d%0aFORGED/settings")
        server.request("GET", f"/pixel/v1/track?writeKey=%0d%0aFORGED{number}")
    assert "FORGED" not in server.log_text()


def test_attack_14_a_forged_forwarded_address_is_not_believed(server, log):
    sent = track()
    server.post("/v1/track", sent, X_Forwarded_For="1.2.3.4", X_Real_IP="1.2.3.4", Forwarded="for=1.2.3.4")
    assert log.event(sent["messageId"])["context"]["ip"] == "127.0.0.1"


def test_attack_14_behind_a_trusted_proxy_its_own_entry_counts(make_server, fresh_log):
    server = make_server(TRUSTED_PROXIES="127.0.0.1/32,10.0.0.0/8").start()
    cases = {
        "6.6.6.6, 203.0.113.9": "203.0.113.9",
        "6.6.6.6, 203.0.113.9, 10.1.2.3": "203.0.113.9",
        "203.0.113.9, nonsense": "127.0.0.1",
        "'; --, 10.1.2.3": "10.1.2.3",
        "2001:db8::1": "2001:db8::1",
    }
    for forwarded, address in cases.items():
        sent = track()
        assert server.post("/v1/track", sent, X_Forwarded_For=forwarded).status == 200
        assert fresh_log.event(sent["messageId"])["context"]["ip"] == address


def test_attack_15_a_disabled_key_is_refused_within_seconds(server, module_database):
    add_source(module_database.conninfo, "tired", "TIREDKEY1")
    assert server.post("/v1/track", track(), key="TIREDKEY1").status == 200
    with module_database.connect() as connection:
        connection.execute("UPDATE ingestion_writekey SET disabled_at = now() WHERE key = 'TIREDKEY1'")
    eventually(
        lambda: server.post("/v1/track", track(), key="TIREDKEY1").status, until=lambda status: status == 401
    )


def test_attack_15_keys_of_a_disabled_source_are_refused(server, module_database):
    source_id = add_source(module_database.conninfo, "gone", "GONEKEY11")
    assert server.post("/v1/track", track(), key="GONEKEY11").status == 200
    with module_database.connect() as connection:
        connection.execute("UPDATE ingestion_source SET disabled_at = now() WHERE id = %s", [source_id])
    eventually(
        lambda: server.post("/v1/track", track(), key="GONEKEY11").status, until=lambda status: status == 401
    )


def test_attack_15_a_foreign_key_speaks_for_its_own_source_only(server, log, module_database):
    own = add_source(module_database.conninfo, "other shop", "OTHERKEY1")
    claimed, both = track(source_id=1, sourceId=1), track(writeKey=KEY)
    server.post("/v1/track", claimed, key="OTHERKEY1")
    server.post("/v1/track", both, key="OTHERKEY1")
    assert [log.event(each["messageId"])["source_id"] for each in (claimed, both)] == [own, own]
    for unknown in ("NOBODYS1", "OTHERKEY1 ", "otherkey1", "OTHERKEY", "' OR 1=1"):
        assert server.post("/v1/track", track(), key=unknown).json["code"] == "invalid_write_key"


@pytest.mark.parametrize(
    "claimed",
    [
        "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
        "-0044-03-15T00:00:00Z", "0000-01-01", "2026-02-30T00:00:00Z", "soon", "", -1, -(10**15), 1e300, 2**70,
        True, [], {},
    ],
)  # fmt: skip
def test_attack_16_a_time_that_cannot_be_meant_is_the_time_of_arrival(server, log, claimed):
    sent = track(timestamp=claimed)
    assert server.post("/v1/track", sent).status == 200
    event = log.event(sent["messageId"])
    assert event["timestamp"] == event["received_at"]
    assert event["original_timestamp"] is not None


@pytest.mark.parametrize(
    "sent_at", ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
)
def test_attack_16_a_forged_sent_at_cannot_move_an_event_into_the_future(server, log, sent_at):
    for claimed in ("9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00Z"):
        sent = track(timestamp=claimed, sentAt=sent_at)
        assert server.post("/v1/track", sent).status == 200
        event = log.event(sent["messageId"])
        assert "1970-01-02" <= event["timestamp"] <= event["received_at"]


def test_attack_17_a_repeated_message_id_with_another_body_is_taken_and_told_apart_by_its_identity(
    server, log
):
    message_id, at = str(uuid.uuid4()), "2026-01-01T00:00:00Z"
    for total in (1, 2):
        sent = track(messageId=message_id, timestamp=at, properties={"total": total})
        assert server.post("/v1/track", sent).status == 200
    copies = [event for event in log.events() if event["message_id"] == message_id]
    assert [event["properties"]["total"] for event in copies] == [1, 2]
    # One identity: whoever applies the first drops the second (tests/streaming/runtime, message_seen).
    assert len({(event["source_id"], event["message_id"], event["client_time"]) for event in copies}) == 1


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


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 401), ("writeKey=NOBODYS", 401), (f"writeKey={KEY}", 200), (f"writeKey={KEY}&data=%25%25", 200),
        (f"writeKey={KEY}&data=AAAA", 200), (f"writeKey={KEY}&userId=%ff%fe&event=%00", 200),
        (f"writeKey={KEY}&properties=%5B1%5D&properties.a=1&context.ip=1&traits=null", 200),
        (f"writeKey={KEY}&" + "&".join(f"a{number}=1" for number in range(1000)), 400),
        (f"writeKey={KEY}&x=" + "y" * 40_000, 200),
        *((f"writeKey={KEY}&data=" + urlsafe_b64encode(nested(levels)).decode(), 200) for levels in (900, 990, 5000)),
    ],
)  # fmt: skip
def test_attack_19_an_abused_pixel_is_an_image_or_a_clear_refusal(server, query, status):
    answer = server.request("GET", f"/pixel/v1/track?{query}")
    assert answer.status == status
    assert answer.headers["content-type"] == ("image/gif" if status == 200 else "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


def test_attack_19_a_beacon_without_a_key_is_refused_and_a_pixel_takes_one_event(server, log):
    body = json.dumps({"batch": [track()]}).encode()
    assert server.request("POST", "/beacon/v1/batch", body, {"Content-Type": "text/plain"}).status == 401
    sent = [track(), track()]
    data = urlsafe_b64encode(json.dumps({"batch": sent}).encode()).decode()
    assert server.request("GET", f"/pixel/v1/track?writeKey={KEY}&data={data}").status == 200
    assert not {each["messageId"] for each in sent} & set(log.message_ids())


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "file://", "https://a.example\u00e4"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_attack_20_no_origin_gets_credentials_or_is_reflected(server, origin, method):
    headers = {
        "Origin": origin.encode("latin-1"),
        "Access-Control-Request-Private-Network": "true",
        **basic(KEY),
    }
    answer = server.request(method, "/v1/track", json.dumps(track()).encode(), headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-private-network" not in answer.headers


def test_attack_21_cookies_are_ignored_and_a_bomb_of_them_hurts_only_its_request(server, log):
    sent = track()
    cookies = "".join(f"Cookie: c{number}={'x' * 4000}\r\n" for number in range(10))
    content = json.dumps(sent).encode()
    answer = server.raw(
        request_bytes("/v1/track", f"{cookies}Content-Length: {len(content)}\r\n", content), seconds=2
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"set-cookie" not in answer.lower()
    assert "cookie" not in json.dumps(log.event(sent["messageId"])).lower()
    with suppress(ConnectionError):
        refused = server.raw(request_bytes("/v1/track", cookies * 100), seconds=2)
        assert refused.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert still_serves(server)


SMUGGLED = json.dumps(track(messageId="smuggled")).encode()
INNER = request_bytes("/v1/track", f"Content-Length: {len(SMUGGLED)}\r\n", SMUGGLED)
OUTER = json.dumps(track()).encode()
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n%s" % (len(OUTER), OUTER, INNER)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (f"Transfer-Encoding: chunked\r\nContent-Length: {len(CHUNKED)}\r\n", CHUNKED),
        (f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
        (f"Transfer-Encoding: xchunked\r\nContent-Length: {len(CHUNKED)}\r\n", CHUNKED),
        ("Transfer-Encoding: chunked, identity\r\n", CHUNKED),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked, x\r\n", CHUNKED),
        ("Transfer-Encoding : chunked\r\n", CHUNKED),
        ("Transfer-Encoding:\x0bchunked\r\n", CHUNKED),
        (f"Content-Length: {len(OUTER)}\r\nContent-Length: {len(OUTER + INNER)}\r\n", OUTER + INNER),
        (f"Content-Length: +{len(OUTER)}\r\n", OUTER + INNER),
        (f"Content-Length: {len(OUTER)}, {len(OUTER) + 1}\r\n", OUTER + INNER),
        ("Content-Length: -1\r\n", INNER),
        (f"X: a\r\n Content-Length: {len(OUTER)}\r\n", OUTER + INNER),
        (f"X: a\rContent-Length: {len(OUTER)}\r\n", OUTER + INNER),
    ],
)
def test_attack_22_a_request_with_two_lengths_hides_no_second_one(server, log, headers, content):
    answer = server.raw(request_bytes("/v1/track", headers, content), seconds=1.5)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
    assert "smuggled" not in log.message_ids()


def test_attack_17_a_repeated_message_id_has_its_effect_once(server, module_database):
    """End to end: the builder applies the first copy and drops the second, whatever is in it."""
    message_id, at = f"repeated-{uuid.uuid4()}", "2026-01-02T00:00:00Z"
    for total in (1, 2, 3):
        sent = track(messageId=message_id, timestamp=at, userId="forger", properties={"total": total})
        assert server.post("/v1/track", sent).status == 200
    done = subprocess.run(
        [sys.executable, "manage.py", "run_consumers", "profiles", "--until-caught-up"],
        cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    with module_database.connect() as connection:
        timeline = connection.execute(
            "SELECT properties ->> 'total' FROM profiles_timeline WHERE message_id = %s", [message_id]
        ).fetchall()
    assert timeline == [("1",)]
