"""What staff bring in: a file, a database, a webhook, a letter that is mended, events that are sent on; with their errors."""

import json
import sqlite3
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ingestion.domain.webhooks.recent import Arrived, store_payloads
from ingestion.models import Connection, FileImport, Quarantined, Source, Stream, Webhook
from ingestion.tasks import run_connection, run_import
from profiles.domain.rules.blocking import block_value
from streaming.models import DeadLetter
from tests.attacks.planted import EMAIL, FILE, MARKS, OF_ALL, USER
from tests.attacks.world import BY

COLUMNS = ("email", "interests", "plan", "city", "diagnosis", "wibble")
MAPPING = {
    "type": "identify",
    "user_id": "nickname",
    "traits": {each: each for each in COLUMNS},
    "timestamp": "date",
}
ROW = ("zqidentity-5", EMAIL, "zqbehaviour", "zqtransactions", "zqlocation", "zqspecial", "zqunclassified")


def stage(admin: Client, folder: Path) -> None:
    """Each way in once, with a row that is taken and one that is not."""
    _file(admin)
    _database(admin, folder / "crm.db")
    _webhook(admin)
    _letters(admin)
    mends = [
        {"do": "default", "key": "wibble", "value": "zqunclassified"},
        {"do": "default", "key": "email", "value": EMAIL},
    ]
    held = Quarantined.objects.get(message_id="held-message")
    admin.post(f"/admin/quarantine/{held.pk}/resend/", {"steps": json.dumps(mends)})
    admin.post(f"/admin/plans/{Source.objects.get(name='Web shop').pk}/infer/")
    block_value(BY, "email", "zqcontact-blocked@example.com", now=timezone.now())


def _file(admin: Client) -> None:
    for name in ("orders.csv", "draft.csv"):
        file = SimpleUploadedFile(name, FILE.encode() + name.encode())
        admin.post("/admin/imports/new/", {"source": "Orders", "file": file})
    begun = FileImport.objects.get(name="orders.csv")
    form = {"event_type": "identify", "time_zone": "UTC", "time_of_day": "12:00", "place-0": "user_id", "kind-0": "text",
            "place-7": "timestamp", "kind-7": "time"}  # fmt: skip
    for place, name in enumerate(COLUMNS, 1):
        form |= {f"place-{place}": "traits", f"key-{place}": name, f"kind-{place}": "text"}
    admin.post(f"/admin/imports/{begun.pk}/start/", form)
    run_import(import_id=begun.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.rejected > 0) == ("done", True)


def _database(admin: Client, path: Path) -> None:
    with sqlite3.connect(path) as session:
        session.execute(
            f"CREATE TABLE customers (id integer PRIMARY KEY, nickname text, {' text, '.join(COLUMNS)} text, date text)"
        )
        for number, date in enumerate(("2026-01-05 10:00:00", "no date"), 1):
            session.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, *ROW, date))
    session.close()
    form = {"kind": "sql", "name": "CRM", "source": "CRM", "dialect": "sqlite", "database": str(path)}
    admin.post("/admin/connections/new/", form)
    columns = ["id", "nickname", *COLUMNS, "date"]
    connection = Connection.objects.get(name="CRM").pk
    admin.post(f"/admin/connections/{connection}/streams/new/", {
        "stream": "customers", "mode": "incremental", "cursor": "id", "look_back": "0", "every": "3600",
        "column": columns, "key": ["id"], "mapping": json.dumps(MAPPING),
    })  # fmt: skip
    admin.post(f"/admin/connections/streams/{_stream().pk}/run/")
    run_connection(run_id=_stream().runs.get().pk)
    assert _stream().runs.values_list("state", "rejected").get() == ("done", 1)


def _stream() -> Stream:
    return Stream.objects.get(connection__name="CRM")


def _webhook(admin: Client) -> None:
    form = {
        "name": "Payments",
        "scheme": "stripe",
        "algorithm": "sha256",
        "encoding": "hex",
        "mapping": json.dumps(MAPPING),
    }
    admin.post("/admin/webhooks/new/", form)
    body = json.dumps(OF_ALL).encode()
    arrived = Arrived(
        Webhook.objects.get(name="Payments").pk, timezone.now(), body, "application/json", {}, 200, "", 1
    )
    store_payloads([arrived])


def _letters(admin: Client) -> None:
    event = json.dumps(
        {"v": 1, "type": "track", "event": "Order Completed", "user_id": USER, "properties": OF_ALL}
    )
    quoting = f"KeyError: {[mark for marks in MARKS.values() for mark in marks]}"
    first, _ = [
        DeadLetter.objects.create(
            offset=offset, consumer="profiles", topic="events.page", partition=0, key=USER.encode(), value=event.encode(),
            headers=[], reason=quoting, appended_at=timezone.now(), created_at=timezone.now(),
        )
        for offset in range(2)
    ]  # fmt: skip
    admin.post(f"/admin/dead-letters/{first.pk}/edit/", {"key": USER, "value": f"{event} "})
