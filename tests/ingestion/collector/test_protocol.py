"""The Segment protocol against the running server."""

import gzip
import http.client
import json
import uuid
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.collector.serving import KEY, add_source, basic
from tests.waiting import eventually

CAPTURED = [
    json.loads(line) for line in (Path(__file__).with_name("sdk_requests.jsonl")).read_text().splitlines()
]
ITEMS: dict[str, dict[str, Any]] = {
    "identify": {"traits": {"plan": "gold"}},
    "track": {"event": "Order Completed", "properties": {"total": 9.5}},
    "page": {"name": "Home", "category": "Docs"},
    "screen": {"name": "Start"},
    "group": {"groupId": "g1", "traits": {"name": "Acme"}},
    "alias": {"previousId": "anonymous-1"},
}


def item(event_type: str = "track", **fields):
    return {"messageId": str(uuid.uuid4()), "userId": "u1", **ITEMS[event_type], **fields}


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("form", ["/v1/{name}", "/v1/{name}/", "/v1/{short}", "/v1/{short}/"])
@pytest.mark.parametrize("event_type", list(ITEMS))
def test_each_type_has_a_long_and_a_short_address_with_and_without_slash(server, log, event_type, form):
    sent = item(event_type)
    path = form.format(name=event_type, short=event_type[0])

    answer = server.post(path, sent)

    assert (answer.status, answer.body) == (200, b'{"success":true}')
    assert log.event(sent["messageId"])["type"] == event_type


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/v1/batch/", "/v1/b", "/v1/import", "/v1/import/", "/beacon/v1/batch"]
)
def test_batches(server, log, path):
    sent = [item(name, type=name) for name in ITEMS]

    answer = server.post(path, {"batch": sent, "sentAt": "2026-01-01T00:00:00.000Z"})

    assert (answer.status, answer.json) == (200, {"success": True})
    assert [log.event(one["messageId"])["type"] for one in sent] == list(ITEMS)


def test_fields_reach_the_log(server, log):
    sent = item(
        "track", anonymousId="a1", context={"page": {"url": "/x"}}, integrations={"All": False},
        originalTimestamp="2026-01-01T10:00:00.000Z", sentAt="2026-01-01T10:00:30.000Z", channel="web",
    )  # fmt: skip

    server.post("/v1/track", sent)

    event = log.event(sent["messageId"])
    assert event | {"received_at": "", "timestamp": ""} == {
        "v": 1,
        "message_id": sent["messageId"],
        "type": "track",
        "event": "Order Completed",
        "anonymous_id": "a1",
        "user_id": "u1",
        "group_id": None,
        "previous_id": None,
        "properties": {"total": 9.5},
        "traits": {},
        "context": {"channel": "web", "page": {"url": "/x"}, "ip": "127.0.0.1"},
        "integrations": {"All": False},
        "original_timestamp": "2026-01-01T10:00:00.000Z",
        "sent_at": "2026-01-01T10:00:30.000Z",
        "received_at": "",
        "timestamp": "",
        "client_time": "2026-01-01T10:00:00.000000Z",
        "source_id": event["source_id"],
    }
    lag = time_of(event["received_at"]) - time_of(event["timestamp"])
    assert lag.total_seconds() == 30


def test_a_page_keeps_its_name_and_category_as_properties(server, log):
    sent = item("page", properties={"url": "/x"})
    server.post("/v1/page", sent)
    event = log.event(sent["messageId"])
    assert (event["event"], event["properties"]) == (
        "Home",
        {"category": "Docs", "name": "Home", "url": "/x"},
    )


def test_traits_in_the_context_of_an_identify_are_its_traits(server, log):
    sent = item("identify", context={"traits": {"plan": "free", "email": "jane@example.com"}})
    server.post("/v1/identify", sent)
    assert log.event(sent["messageId"])["traits"] == {"plan": "gold", "email": "jane@example.com"}


def test_context_and_integrations_of_a_batch_hold_for_its_items(server, log):
    sent = item("track", type="track", context={"app": {"name": "shop"}}, integrations={"B": True})
    server.post(
        "/v1/batch", {"batch": [sent], "context": {"locale": "de", "app": None}, "integrations": {"A": False}}
    )
    event = log.event(sent["messageId"])
    assert event["context"] == {"locale": "de", "app": {"name": "shop"}, "ip": "127.0.0.1"}
    assert event["integrations"] == {"A": False, "B": True}


def test_a_missing_message_id_is_fresh_each_time(server, log):
    user = str(uuid.uuid4())
    for _ in range(2):
        assert server.post("/v1/track", {"event": "E", "userId": user}).status == 200
    ids = [event["message_id"] for event in log.events() if event["user_id"] == user]
    assert len(set(ids)) == 2


class TestWriteKey:
    def test_bearer(self, server, log):
        sent = item()
        assert server.post("/v1/track", sent, key=None, Authorization=f"Bearer {KEY}").status == 200
        assert log.event(sent["messageId"])

    def test_in_the_body(self, server):
        assert server.post("/v1/track", item(writeKey=KEY), key=None).status == 200
        assert (
            server.post("/v1/batch", {"writeKey": KEY, "batch": [item(type="track")]}, key=None).status == 200
        )

    def test_in_the_address(self, server):
        assert server.post(f"/v1/track?writeKey={KEY}", item(), key=None).status == 200

    def test_none(self, server):
        answer = server.post("/v1/track", item(), key=None)
        assert (answer.status, answer.json["code"]) == (401, "missing_write_key")

    def test_unknown(self, server):
        answer = server.post("/v1/track", item(), key="NOBODYS")
        assert (answer.status, answer.json["code"]) == (401, "invalid_write_key")
        assert answer.json["message"]

    def test_a_key_made_a_moment_ago_is_known(self, server, log, module_database):
        source_id = add_source(module_database.conninfo, "app", "FRESHKEY1")
        sent = item()
        assert server.post("/v1/track", sent, key="FRESHKEY1").status == 200
        assert log.event(sent["messageId"])["source_id"] == source_id


class TestBodies:
    @pytest.mark.parametrize("encoding", ["gzip", "", "identity"])
    @pytest.mark.parametrize(
        "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]
    )
    def test_gzip_is_recognised_by_its_bytes_and_json_by_its_content(
        self, server, log, content_type, encoding
    ):
        sent = item()
        headers = {"Content_Type": content_type} if content_type else {}
        body = gzip.compress(json.dumps(sent).encode())
        answer = server.post(
            "/v1/track", body, **headers, **({"Content_Encoding": encoding} if encoding else {})
        )
        assert answer.status == 200
        assert log.event(sent["messageId"])

    def test_chunked(self, server, log):
        sent = item()
        data = json.dumps(sent).encode()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(
            "POST", "/v1/track", iter([data[:10], data[10:11], data[11:]]), basic(KEY), encode_chunked=True
        )
        assert connection.getresponse().status == 200
        connection.close()
        assert log.event(sent["messageId"])

    @pytest.mark.parametrize("body", [b"", b"{", b"a=b", b"[1,", b"\x00\xff"])
    def test_what_is_not_json_is_said_to_be(self, server, body):
        answer = server.post("/v1/track", body)
        assert (answer.status, answer.json["code"]) == (400, "invalid_json")

    def test_a_batch_without_batch(self, server):
        assert server.post("/v1/batch", {"events": []}).json["code"] == "missing_batch"

    def test_an_empty_batch_is_well(self, server):
        assert server.post("/v1/batch", {"batch": []}).status == 200

    def test_more_events_than_a_request_may_bring(self, server):
        many = [{"type": "track", "event": "E", "userId": "u"}] * 2501
        assert server.post("/v1/batch", {"batch": many}).json["code"] == "too_many_events"

    def test_an_import_may_be_larger_than_a_batch(self, server):
        batch = {"batch": [item(type="track", properties={"x": "y" * 30_000}) for _ in range(20)]}
        assert server.post("/v1/batch", batch).status == 413
        assert server.post("/v1/import", batch).status == 200


class TestBrowsers:
    def test_preflight(self, server):
        answer = server.request("OPTIONS", "/v1/t", headers={"Origin": "https://shop.example"})
        allowed = {name.strip() for name in answer.headers["access-control-allow-headers"].split(",")}
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert {"authorization", "content-type", "x-retry-count", "anonymousid"} <= allowed

    def test_answers_can_be_read_from_any_page(self, server):
        assert server.post("/v1/track", item()).headers["access-control-allow-origin"] == "*"
        assert server.post("/v1/track", item(), key="NOBODYS").headers["access-control-allow-origin"] == "*"

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_settings_of_segment(self, server, slash):
        answer = server.request("GET", f"/v1/projects/{KEY}/settings{slash}")
        sending = answer.json["integrations"]["Segment.io"]
        assert (answer.status, sending["apiKey"]) == (200, KEY)
        assert (sending["apiHost"], sending["protocol"]) == (f"127.0.0.1:{server.port}/v1", "http")

    def test_settings_of_an_unknown_key(self, server):
        assert server.request("GET", "/v1/projects/NOBODYS/settings").status == 401

    @pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
    def test_source_config_of_rudderstack(self, server, path):
        by_query = server.request("GET", f"{path}?writeKey={KEY}&p=npm&v=3")
        by_header = server.request("GET", path, headers=basic(KEY))
        assert by_query.json == by_header.json
        assert (by_query.json["source"]["writeKey"], by_query.json["source"]["enabled"]) == (KEY, True)

    def test_head_has_the_headers_only(self, server):
        answer = server.request("HEAD", f"/v1/projects/{KEY}/settings")
        assert (answer.status, answer.body) == (200, b"")

    def test_events_are_not_read_with_get(self, server):
        answer = server.request("GET", "/v1/track")
        assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")

    def test_an_unknown_address(self, server):
        assert server.request("GET", "/v1/nothing").json["code"] == "not_found"
        assert server.post("/v1/nothing", {}).json["code"] == "not_found"

    def test_a_beacon_has_its_key_in_the_address(self, server, log):
        sent = item(type="track")
        body = json.dumps({"batch": [sent]}).encode()
        assert (
            server.request(
                "POST", f"/beacon/v1/batch?writeKey={KEY}", body, {"Content-Type": "text/plain"}
            ).status
            == 200
        )
        assert log.event(sent["messageId"])

    def test_the_anonymous_id_header_serves_items_without_one(self, server, log):
        sent = {"messageId": str(uuid.uuid4()), "event": "E"}
        answer = server.post("/v1/track", sent, AnonymousId=b64encode(b"anonymous-7").decode())
        assert answer.status == 200
        assert log.event(sent["messageId"])["anonymous_id"] == "anonymous-7"

    def test_a_pixel(self, server, log):
        message_id = str(uuid.uuid4())
        query = f"writeKey={KEY}&anonymousId=a1&event=Opened&messageId={message_id}&properties.mail=m1"
        answer = server.request("GET", f"/pixel/v1/track?{query}", headers={"User-Agent": "Mail/1"})
        event = log.event(message_id)
        assert (answer.status, answer.headers["content-type"], answer.body[:6]) == (
            200,
            "image/gif",
            b"GIF89a",
        )
        assert answer.headers["cache-control"] == "no-store"
        assert (event["event"], event["properties"]) == ("Opened", {"mail": "m1"})
        assert event["context"] == {"userAgent": "Mail/1", "ip": "127.0.0.1"}

    def test_a_pixel_with_base64_data(self, server, log):
        sent = item()
        data = b64encode(json.dumps(sent | {"writeKey": KEY}).encode()).decode().rstrip("=")
        assert server.request("GET", f"/v1/pixel/track?data={data.replace('+', '%2B')}").status == 200
        assert log.event(sent["messageId"])["event"] == "Order Completed"


@pytest.mark.parametrize("captured", CAPTURED, ids=range(len(CAPTURED)))
def test_captured_requests_of_real_sdks(server, log, module_database, captured):
    keys = {"Basic U0VHS0VZOg==": "SEGKEY", "Basic UlVES0VZOg==": "RUDKEY"}
    key = keys[captured["headers"]["Authorization"]]
    if server.request("GET", f"/v1/projects/{key}/settings").status == 401:
        add_source(module_database.conninfo, key, key)
    before = len(log.events())
    body = captured["body"].encode()

    answer = server.request(
        captured["method"],
        captured["path"],
        gzip.compress(body) if captured["gzip"] else body,
        captured["headers"],
    )

    sent = json.loads(body)["batch"]
    assert (answer.status, answer.json) == (200, {"success": True})
    assert len(log.events()) == before + len(sent)
    for one in sent:
        event = log.event(one["messageId"])
        assert (event["type"], event["user_id"], event["event"]) == (
            one["type"],
            one["userId"],
            one.get("event") or one.get("name"),
        )


def test_what_arrived_is_counted_and_shown(server, module_database):
    def is_reported():
        with module_database.connect() as connection:
            return connection.execute("SELECT 1 FROM ingestion_sourceminute WHERE name = 'Before'").fetchone()

    server.post("/v1/track", item("track", event="Before"))
    eventually(is_reported)  # with what came just before, of which only a sample may be shown
    sent = item("track", event="Counted Once")
    server.post("/v1/track", sent)
    server.post("/v1/track", {"event": "Counted Once"})

    def counted():
        with module_database.connect() as connection:
            counts = connection.execute(
                "SELECT result, sum(events)::int FROM ingestion_sourceminute WHERE name = 'Counted Once' GROUP BY 1"
            ).fetchall()
            live = connection.execute(
                "SELECT result, sample_of, reason <> '' FROM ingestion_liveevent WHERE name = 'Counted Once' ORDER BY id"
            ).fetchall()
            names = connection.execute(
                "SELECT type FROM ingestion_eventname WHERE name = 'Counted Once'"
            ).fetchall()
        return counts, live, names

    expected = ([("accepted", 1)], [("accepted", 1, False), ("rejected", 1, True)], [("track",)])
    eventually(counted, until=lambda found: found == expected)
