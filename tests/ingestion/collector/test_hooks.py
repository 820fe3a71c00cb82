"""Webhooks against the running server: what other systems send becomes events that are durable, or is kept with a reason."""

import gzip
import hmac
import json
import shutil
import tempfile
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from compliance.secrets import seal
from ingestion.domain.webhooks.signatures import crc_answer
from tests.ingestion.collector.serving import Answer, LogView, Server, add_source, eventually

SECRET, FORMER = "a secret of today", "a secret of yesterday"
MAPPING = {
    "type": "track", "event": "Order Paid", "user_id": "customer", "message_id": "id", "timestamp": "at",
    "properties": {"total": {"path": "amount", "as": "number"}, "topic": '_headers."x-topic"'},
}  # fmt: skip
Make = Callable[..., str]


@pytest.fixture(scope="module")
def server(module_database) -> Iterator[Server]:
    """A server that can read the secrets which the tests seal."""
    add_source(module_database.conninfo)
    home = Path(tempfile.mkdtemp(prefix="hw-hooks-"))
    server = Server(module_database.environment, home, SECRETS_KEY=settings.SECRETS_KEYS[0])
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def hook(module_database) -> Make:
    """Makes a webhook and answers its address."""
    with psycopg.connect(module_database.conninfo) as connection:
        row = connection.execute("SELECT id FROM ingestion_source").fetchone()
    assert row is not None
    return lambda **fields: add_webhook(module_database.conninfo, row[0], **fields)


def add_webhook(conninfo: str, source_id: int, **fields: Any) -> str:
    public_id = uuid.uuid4().hex
    given = {
        "scheme": "github", "mapping": MAPPING, "headers": ["x-topic"], "former_until": None,
        "secrets": {"current": SECRET, "former": FORMER}, "scheme_settings": {}, **fields,
    }  # fmt: skip
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "INSERT INTO ingestion_webhook (public_id, name, source_id, scheme, scheme_settings, secrets, former_until,"
            " headers, mapping, created_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'test')",
            [
                public_id, public_id, source_id, given["scheme"], json.dumps(given["scheme_settings"]),
                seal(given["secrets"]), given["former_until"], given["headers"], json.dumps(given["mapping"]),
            ],
        )  # fmt: skip
    return f"/v1/hooks/{public_id}"


def signed(body: bytes, secret: str = SECRET, **headers: str) -> dict[str, str]:
    return {
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest(),
        **headers,
    }


def send(server: Server, path: str, document: Any, secret: str = SECRET, **headers: str) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return server.request("POST", path, body, signed(body, secret, **headers))


def order(**fields: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "customer": 42, "amount": "9.50", "at": "2026-11-01T10:00:00Z", **fields}


def rejected(log: LogView, code: str) -> dict[str, Any]:
    found = [each for each in log.rejections() if each["code"] == code]
    assert found, f"no rejection {code}"
    return found[-1]


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


def test_only_who_knows_the_secret_gets_in(server: Server, log: LogView, hook: Make) -> None:
    path, sent = hook(), order()

    assert send(server, path, sent, "wrong").json["code"] == "wrong_signature"
    assert server.request("POST", path, json.dumps(sent).encode()).json["code"] == "missing_signature"
    assert server.request("POST", "/v1/hooks/unknown", b"{}").status == 404
    assert server.request("PUT", path, b"{}").status == 405
    assert sent["id"] not in log.message_ids()


def test_the_former_secret_holds_until_it_expires(server: Server, hook: Make) -> None:
    now = datetime.now(UTC)

    assert send(server, hook(former_until=now + timedelta(hours=1)), order(), FORMER).status == 200
    assert send(server, hook(former_until=now - timedelta(seconds=1)), order(), FORMER).status == 401


def test_a_replayed_request_is_refused_when_its_time_is_signed_and_else_the_same_message(
    server: Server, log: LogView, hook: Make
) -> None:
    def timed(at: float) -> Answer:
        body, stamp = json.dumps(order()).encode(), str(int(at))
        signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
        return server.request("POST", path, body, {"Stripe-Signature": f"t={stamp},v1={signature}"})

    path, plain = (
        hook(scheme="stripe"),
        hook(mapping={key: MAPPING[key] for key in MAPPING if key != "message_id"}),
    )
    sent = order(customer="replayed")

    assert timed(time.time()).status == 200
    assert timed(time.time() - 3600).json["code"] == "old_signature"
    assert [send(server, plain, sent).status for _ in range(2)] == [200, 200]
    ids = {event["message_id"] for event in log.events() if event["user_id"] == "replayed"}
    assert len(ids) == 1


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
        (gzip.compress(b"[" + b" " * 30_000_000 + b"]"), 413, "request_too_large"),
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


def test_a_sender_can_test_the_address_first(server: Server, hook: Make) -> None:
    meta = hook(scheme="meta", secrets={"current": SECRET, "verify_token": "mine"})
    query = "?hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}"

    asked = server.request("GET", meta + query.format(challenge="158", token="mine"))
    crc = server.request("GET", hook(scheme="x") + "?crc_token=abc")

    assert (asked.status, asked.body, asked.headers["content-type"]) == (
        200,
        b"158",
        "text/plain; charset=utf-8",
    )
    assert server.request("GET", meta + query.format(challenge="158", token="no")).status == 401
    assert server.request("GET", meta + query.format(challenge="%3Cscript%3E", token="mine")).status == 401
    assert crc.json == {"response_token": crc_answer(SECRET, "abc")}
    assert server.request("HEAD", hook()).status == 200


def test_standard_webhooks_are_known_by_the_id_that_they_sign(
    server: Server, log: LogView, hook: Make
) -> None:
    key = b"0123456789abcdef0123456789abcdef"
    secret = "whsec_" + b64encode(key).decode()
    mapping = {name: MAPPING[name] for name in MAPPING if name != "message_id"}
    path = hook(scheme="standard", secrets={"current": secret}, mapping=mapping)
    name, stamp, body = f"msg_{uuid.uuid4().hex}", str(int(time.time())), json.dumps(order()).encode()
    signature = b64encode(hmac.new(key, f"{name}.{stamp}.".encode() + body, "sha256").digest()).decode()
    headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}

    assert server.request("POST", path, body, headers).status == 200
    assert log.event(name)["user_id"] == "42"
    assert server.request("POST", path, body, {**headers, "webhook-id": "msg_other"}).status == 401


def test_secrets_that_cannot_be_read_are_our_fault_and_the_sender_keeps_its_payload(
    server: Server, hook: Make, module_database
) -> None:
    path = hook()
    with psycopg.connect(module_database.conninfo) as connection:
        connection.execute("UPDATE ingestion_webhook SET secrets = 'torn' WHERE public_id = %s", [path[-32:]])

    answer = eventually(lambda: send(server, path, order()), until=lambda each: each.status != 200)

    assert (answer.status, answer.json["code"]) == (503, "unavailable")


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
