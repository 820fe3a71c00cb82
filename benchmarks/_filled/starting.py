"""One of each thing that is made by hand, made through its screen; the statements beside this module repeat them."""

import json
import sqlite3
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.tokens import create_token
from compliance.domain.users import create_staff
from compliance.enums import Category, Operation
from compliance.identifiers import pseudonym
from compliance.models import User
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.domain.sources import create_source
from ingestion.domain.webhooks.recent import Arrived, store_payloads
from ingestion.domain.webhooks.setting_up import Wanted, create_webhook
from ingestion.models import Connection, ConnectionRun, FileImport, Stream

BY = Actor.system("benchmark")
NAME = "bench"
_CSV = b"customer_id,date,total\n" + b"".join(b"u%d,2025-03-01,10.50\n" % (5 * n) for n in range(1, 5000))
_ROWS = '{"type": "identify", "user_id": "id", "traits": {"email": "email"}, "timestamp": "updated_at"}'
_PLAN = {
    "policy": {"missing": "tag", "wrong": "quarantine", "unplanned_key": "allow", "unplanned_event": "allow"},
    "events": {
        f"track:Event {n}": {
            "type": "object",
            "properties": {f"key_{k}": {"type": "string"} for k in range(12)},
        }
        for n in range(100)
    },
}
_PAID = {"type": "track", "event": "Order Paid", "user_id": "customer", "properties": {"total": "amount"}}


def administrator() -> tuple[Client, int]:
    """A client that is signed in and may do everything, and the number of the account behind it."""
    user = User.objects.filter(username=NAME).first() or create_staff(
        username=NAME, password="a long pass of benches 7", role="administrator", by=BY, now=timezone.now()
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client, user.pk


def token() -> str:
    """A token of the API with every right."""
    _, secret = create_token(
        name="pages", scopes=list(Operation), categories=list(Category), by=BY, now=timezone.now()
    )  # fmt: skip

    return secret


def start(client: Client, home: Path) -> None:
    """Make them all. The worker that would run the import and the connection is not there: they wait."""
    source = create_source(name="Web shop", by=BY, now=timezone.now(), write_key="WRITEKEY1")
    publish(save_draft(source, _PLAN, by=BY, now=timezone.now()), note="", by=BY, now=timezone.now())
    client.post(
        "/admin/imports/new/", {"source": source.name, "file": SimpleUploadedFile("orders.csv", _CSV)}
    )
    _connect(client, home / "crm.db")
    hook, _ = create_webhook(wanted=Wanted("Payments", "stripe", json.dumps(_PAID)), source=source.name, secret="whsec", by=BY, now=timezone.now())  # fmt: skip
    body = json.dumps({"customer": "u5", "amount": 5}).encode()
    store_payloads([Arrived(hook.pk, timezone.now(), body, "application/json", {}, 200, "", 1)])
    assert FileImport.objects.exists()


def _connect(client: Client, path: Path) -> None:
    with sqlite3.connect(path) as session:
        session.execute("CREATE TABLE customers (id integer PRIMARY KEY, email text, updated_at timestamp)")
        session.executemany(
            "INSERT INTO customers VALUES (?, ?, '2026-01-05 10:00:00')",
            [(n, f"c{n}@example.com") for n in range(1, 100)],
        )
    form = {"kind": "sql", "name": "CRM", "source": "CRM", "dialect": "sqlite", "database": str(path)}
    client.post("/admin/connections/new/", form)
    connection = Connection.objects.get()
    stream = {
        "stream": "customers", "mode": "incremental", "cursor": "updated_at", "look_back": "0", "every": "3600",
        "column": ["id", "email", "updated_at"], "key": ["id"], "mapping": _ROWS,
    }  # fmt: skip
    client.post(f"/admin/connections/{connection.pk}/streams/new/", stream)
    ConnectionRun.objects.create(
        stream=Stream.objects.get(),
        cause="schedule",
        state="done",
        created_at=timezone.now(),
        created_by="eva",
    )


def pseudonyms(connection: psycopg.Connection[Any]) -> list[UUID]:
    """What the audit trail calls the people of `known.sql`."""
    rows = connection.execute(
        "SELECT public_id FROM profiles_profile JOIN profiles_profilename ON id = profile_id "
        "WHERE name LIKE 'known person _' ORDER BY id"
    )
    return [pseudonym(row[0]) for row in rows]
