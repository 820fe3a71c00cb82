"""A payload that was answered 200 is never lost: with the log away, with the process killed, and sent again by its sender."""

import contextlib
import hmac
import json
import time
import uuid
from base64 import b64encode
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.conftest import Database
from tests.ingestion.collector.hooks import MAPPING, add_webhook, order, send
from tests.ingestion.collector.serving import Answer, LogView, Server
from tests.ingestion.collector.test_durability import away, died, spooled, stored
from tests.waiting import eventually

pytestmark = pytest.mark.fault
KEY = b"0123456789abcdef0123456789abcdef"


def start(make_server: Any, **extra: str) -> Server:
    server: Server = make_server(SECRETS_KEY=settings.SECRETS_KEYS[0])
    return server.start(wait=True, **extra)


def add_hook(database: Database, **fields: Any) -> str:
    with psycopg.connect(database.conninfo) as connection:
        row = connection.execute("SELECT id FROM ingestion_source").fetchone()
    assert row is not None
    return add_webhook(database.conninfo, row[0], **fields)


def deliver(server: Server, path: str, name: str, document: Any) -> Answer:
    """Send as Standard Webhooks say: each attempt has the id of the delivery, its own time and so its own signature."""
    body, stamp = json.dumps(document).encode(), str(int(time.time()))
    signature = b64encode(hmac.digest(KEY, f"{name}.{stamp}.".encode() + body, "sha256")).decode()
    headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return server.request("POST", path, body, headers)


def test_while_the_log_is_away_payloads_wait_in_the_spool_survive_kill_9_and_come_once(
    make_server: Any, fresh_database: Database, fresh_log: LogView
) -> None:
    path = add_hook(fresh_database)
    server = start(make_server)
    sent = [order() for _ in range(40)]
    assert send(server, path, sent[0]).status == 200
    with away(fresh_database):
        assert [send(server, path, each).status for each in sent[1:20]] == [200] * 19
        assert send(server, path, sent[20:]).status == 200, "a list of them"
        assert send(server, path, order(amount="much")).status == 422, "what is wrong is told then too"
        assert send(server, path, order(), "wrong").status == 401
        assert spooled(Path(server.home)) > 0
        server.kill()
    server.start()

    wanted = sorted(each["id"] for each in sent)
    eventually(lambda: stored(fresh_log), until=lambda found: len(found) >= len(wanted))
    eventually(lambda: spooled(Path(server.home)), until=lambda size: size == 0)
    assert stored(fresh_log) == wanted
    assert [each["code"] for each in fresh_log.rejections()] == ["bad_value"]


@pytest.mark.parametrize("step", ["collector.before_append=kill@6", "collector.before_answer=kill@6"])
def test_killed_before_the_answer_the_sender_delivers_again_and_it_is_the_same_message(
    make_server: Any, fresh_database: Database, fresh_log: LogView, step: str
) -> None:
    secret = "whsec_" + b64encode(KEY).decode()
    mapping = {name: MAPPING[name] for name in MAPPING if name != "message_id"}
    path = add_hook(fresh_database, scheme="standard", secrets={"current": secret}, mapping=mapping)
    server = start(make_server, HEADWATER_FAILPOINTS=step)
    deliveries = {f"msg_{uuid.uuid4().hex}": order() for _ in range(10)}
    left = dict(deliveries)
    with contextlib.suppress(OSError, HTTPException):
        for name, document in deliveries.items():
            assert deliver(server, path, name, document).status == 200
            del left[name]
    assert len(left) == 5
    eventually(lambda: died(server))
    acknowledged = deliveries.keys() - left.keys()
    assert acknowledged <= set(stored(fresh_log)), "what was answered is there before anything starts again"
    server.stop()
    server.start()

    for name, document in left.items():
        assert deliver(server, path, name, document).status == 200

    identities = {(each["source_id"], each["message_id"], each["client_time"]) for each in fresh_log.events()}
    assert {message_id for _, message_id, _ in identities} == deliveries.keys()
    assert len(identities) == len(deliveries), "both copies of one are one message to every consumer"
