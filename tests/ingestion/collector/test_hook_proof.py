"""Who may send to a webhook, by the running server: signatures, secrets that change, and the first test of an address."""

import hmac
import json
import time
import uuid
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from compliance.secrets import seal
from ingestion.domain.webhooks.signatures import crc_answer
from tests.ingestion.collector.hooks import FORMER, MAPPING, SECRET, Make, order, send
from tests.ingestion.collector.serving import Answer, LogView, Server
from tests.waiting import eventually


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


def test_a_sender_that_tests_the_address_with_a_payload_gets_its_challenge_back_once_it_is_proven(
    server: Server, log: LogView, hook: Make
) -> None:
    path, stamp = hook(scheme="slack"), str(int(time.time()))

    def slack(document: dict[str, Any], secret: str = SECRET) -> Answer:
        body = json.dumps(document).encode()
        signature = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
        return server.request("POST", path, body, headers)

    test = {"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV", "token": "t"}
    asked = slack(test)

    assert (asked.status, asked.body) == (200, b"3eZbrw1aBm2rZgRNFdxV")
    assert asked.headers["content-type"] == "text/plain; charset=utf-8"
    assert slack(test, "wrong").status == 401
    assert slack({**test, "challenge": "<script>"}).status == 422
    sent = order(note="url_verification")
    assert slack(sent).status == 200
    assert log.event(sent["id"])


def test_a_secret_that_is_exchanged_opens_nothing_any_more(
    server: Server, hook: Make, module_database
) -> None:
    path = hook(secrets={"current": FORMER})
    assert send(server, path, order(), FORMER).status == 200
    with psycopg.connect(module_database.conninfo) as connection:
        connection.execute(
            "UPDATE ingestion_webhook SET secrets = %s WHERE public_id = %s",
            [seal({"current": SECRET}), path[-32:]],
        )

    eventually(lambda: send(server, path, order(), FORMER).status, until=lambda status: status == 401)
    assert send(server, path, order()).status == 200


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
