"""Webhooks against the running server: what other systems send becomes events that are durable, or is kept with a reason."""

import gzip
import json
import socket
import uuid

import psycopg
import pytest

from tests.ingestion.collector.hooks import (
    MAPPING,
    Make,
    order,
    rejected,
    send,
    signed,
)
from tests.ingestion.collector.serving import LogView, Server
from tests.waiting import eventually


def test_a_payload_is_an_event_in_the_log_when_it_is_answered(
    server: Server, log: LogView, hook: Make
) -> None:
    sent = order()

    answer = send(server, hook(), sent, **{"X-Topic": "orders/paid"})

    assert (answer.status, answer.json) == (200, {"success": True})
    event = log.event(sent["id"])
    assert (event["event"], event["user_id"], event["properties"]) == (
        "Order Paid",
        "42",
        {"total": 9.5, "topic": "orders/paid"},
    )
    assert event["timestamp"] == "2026-11-01T10:00:00.000000Z"
    assert "ip" not in event["context"]


def test_what_cannot_be_mapped_is_refused_and_kept_whole(server: Server, log: LogView, hook: Make) -> None:
    path = hook()
    sent = order(amount="much", note="in no property")

    answer = send(server, path, sent)

    assert answer.status == 422
    assert answer.json == {
        "success": False,
        "code": "bad_value",
        "message": "properties.total: is not a number",
    }
    kept = rejected(log, "bad_value")
    assert json.loads(kept["raw"]) == sent


def test_what_the_rules_of_events_refuse_is_kept_as_it_came(server: Server, log: LogView, hook: Make) -> None:
    sent = order(id="x" * 40, note="in no property", name="n" * 40_000)
    path = hook(mapping={**MAPPING, "properties": {"name": "name"}})

    answer = send(server, path, sent)

    assert (answer.status, answer.json["code"]) == (422, "event_too_large")
    kept = rejected(log, "event_too_large")
    assert "in no property" in kept["raw"]
    assert kept["raw_bytes"] == len(json.dumps(sent, separators=(",", ":")))


def test_of_several_records_the_good_ones_are_taken(server: Server, log: LogView, hook: Make) -> None:
    good, bad = order(), order(amount="much")

    answer = send(server, hook(), [good, bad])

    assert answer.status == 200
    assert answer.json["rejected"] == [
        {"record": 1, "code": "bad_value", "message": "properties.total: is not a number"}
    ]
    assert log.event(good["id"])


def test_a_payload_that_is_none_of_the_mappings_business_is_answered_and_ignored(
    server: Server, log: LogView, hook: Make
) -> None:
    sent = order(kind="ping")

    answer = send(server, hook(mapping={**MAPPING, "when": "kind != 'ping'"}), sent)

    assert answer.status == 200
    assert sent["id"] not in log.message_ids()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "empty_body"),
        (b"[]", 400, "empty_body"),
        (b"not json", 400, "invalid_json"),
        (b"\x1f\x8bno gzip", 400, "invalid_gzip"),
        (gzip.compress(b"[" + b" " * 30_000_000 + b"]", mtime=0), 413, "request_too_large"),
        (b" " * (1024 * 1024 + 1), 413, "request_too_large"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "invalid_json"),
        (b"null", 422, "missing_identity"),
        (b"[1, [2], null]", 422, "missing_identity"),
        (b'{"customer": {"id": 1}}', 422, "bad_value"),
        (b'{"customer": 1, "at": "-99999999999"}', 422, "bad_value"),
    ],
)
def test_bad_bodies_are_refused_by_name(
    server: Server, hook: Make, body: bytes, status: int, code: str
) -> None:
    answer = send(server, hook(), body)

    assert (answer.status, answer.json["code"]) == (status, code)


def test_odd_bodies_that_can_be_read_are_taken(server: Server, log: LogView, hook: Make) -> None:
    path = hook()
    ids = [str(uuid.uuid4()) for _ in range(5)]
    bodies = [
        json.dumps(order(id=ids[0], customer="Zoë"), ensure_ascii=False).encode("utf-16"),
        json.dumps(order(id=ids[1], customer="nul\0")).encode(),
        b'{"id": "x", "customer": 1, "id": "%s"}' % ids[2].encode(),
        gzip.compress(json.dumps(order(id=ids[3])).encode()),
        json.dumps(order(id=ids[4], at="2999-01-01T00:00:00Z", amount=2**70)).encode(),
    ]

    assert [send(server, path, body).status for body in bodies] == [200] * 5
    events = [log.event(each) for each in ids]
    assert [event["user_id"] for event in events] == ["Zoë", "nul\ufffd", "1", "42", "42"]
    assert events[4]["timestamp"] == events[4]["received_at"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_say_which_ones_there_are(server: Server, hook: Make, method: str) -> None:
    answer = server.request(method, hook(), b"{}")

    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST, GET, HEAD"


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json; charset=utf-16", b'{"id": 1}', "wrong_encoding"),
        ("application/json; charset=ascii", '{"id": "\u00e9"}'.encode(), "wrong_encoding"),
        ("application/json; charset=base64", b"e30=", "invalid_json"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 1001), "too_many_fields"),
        ("application/x-ndjson", b'{"id": 1}\n{"id":', "invalid_json"),
        ("application/json", gzip.compress(b'{"id": 1}', mtime=0)[:-9], "invalid_gzip"),
        ("application/json", b'{"id": 1, "customer', "invalid_json"),
    ],
)
def test_what_says_that_it_is_something_else_or_was_cut_off_is_refused_by_name(
    server: Server, hook: Make, content_type: str, body: bytes, code: str
) -> None:
    answer = send(server, hook(), body, **{"Content-Type": content_type})

    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_body_that_breaks_off_on_its_way_leaves_nothing(server: Server, log: LogView, hook: Make) -> None:
    path, torn, whole = hook(), order(), order()
    body = json.dumps(torn).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
        )
        connection.sendall(body[:-1])

    assert send(server, path, whole).status == 200
    assert log.event(whole["id"])
    assert torn["id"] not in log.message_ids()


def test_ten_megabytes_are_answered_and_not_read(server: Server, hook: Make) -> None:
    head = f"POST {hook()} HTTP/1.1\r\nHost: x\r\nContent-Length: {10 * 1024 * 1024}\r\n\r\n"

    answer = server.raw(head.encode() + b"[", seconds=5)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"request_too_large" in answer


def test_the_last_payloads_are_kept_encrypted_and_few(server: Server, hook: Make, module_database) -> None:
    path = hook(headers=["x-topic"])
    for number in range(14):
        send(server, path, order(note=f"number {number}"), **{"X-Topic": "t"})

    def kept() -> list[tuple[int, str, int, str]]:
        with psycopg.connect(module_database.conninfo) as connection:
            return connection.execute(
                "SELECT status, code, events, body FROM ingestion_webhookpayload JOIN ingestion_webhook w ON w.id = webhook_id"
                " WHERE public_id = %s ORDER BY ingestion_webhookpayload.id",
                [path[-32:]],
            ).fetchall()

    def kept_after_a_bad_one() -> list[tuple[int, str, int, str]]:
        send(server, path, order(amount="much"))
        return kept()

    # Of one second only a few are kept: a bad one is sent until it is among them.
    rows = eventually(kept_after_a_bad_one, until=lambda found: found and found[-1][0] == 422)

    assert len(rows) <= 10
    assert rows[-1][1:3] == ("bad_value", 0)
    assert rows[0][:3] in {(200, "", 1), (422, "bad_value", 0)}
    assert all("number" not in body for *_, body in rows)
