"""Webhooks of the tests, and what their senders send."""

import hmac
import json
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from compliance.secrets import seal
from tests.ingestion.collector.serving import Answer, LogView, Server

SECRET, FORMER = "a secret of today", "a secret of yesterday"
MAPPING = {
    "type": "track", "event": "Order Paid", "user_id": "customer", "message_id": "id", "timestamp": "at",
    "properties": {"total": {"path": "amount", "as": "number"}, "topic": '_headers."x-topic"'},
}  # fmt: skip
Make = Callable[..., str]


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
