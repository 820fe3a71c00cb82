"""Connections: tried, kept, chosen from, run, and their errors given back."""

import sqlite3

import pytest
from django_celery_beat.models import PeriodicTask

from compliance.enums import Category
from compliance.identifiers import pseudonym
from ingestion.models import Connection, ConnectionRowError, ConnectionRun, Stream

MAPPING = '{"type": "identify", "user_id": "id", "traits": {"email": "email"}, "timestamp": "updated_at"}'


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """The runs that a worker was told of."""
    told: list[int] = []
    monkeypatch.setattr("ingestion.tasks.run_connection.delay", lambda *, run_id: told.append(run_id))
    return told


@pytest.fixture
def database(tmp_path) -> str:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as session:
        session.execute("CREATE TABLE customers (id integer PRIMARY KEY, email text, updated_at timestamp)")
        session.execute("INSERT INTO customers VALUES (1, 'jane@example.com', '2026-01-05 10:00:00')")
    session.close()
    return str(path)


@pytest.fixture
def made(administrator, database) -> Connection:
    form = {
        "kind": "sql",
        "name": "CRM",
        "source": "CRM",
        "dialect": "sqlite",
        "database": database,
        "password": "s3cret-word",
    }
    administrator.post("/admin/connections/new/", form)
    return Connection.objects.get()


def _form(**changes) -> dict:
    return {
        "stream": "customers", "mode": "incremental", "cursor": "updated_at", "look_back": "0", "every": "3600",
        "column": ["id", "email", "updated_at"], "key": ["id"], "mapping": MAPPING, **changes,
    }  # fmt: skip


@pytest.fixture
def stream(administrator, made) -> Stream:
    administrator.post(f"/admin/connections/{made.pk}/streams/new/", _form())
    return Stream.objects.get()


def test_the_first_page_says_what_to_do(administrator, marketer):
    assert "Connect your first system" in administrator.get("/admin/connections/").content.decode()
    assert marketer.get("/admin/connections/new/").status_code == 403


def test_a_login_is_tried_before_it_is_kept_and_what_is_wrong_is_said(administrator, database):
    form = {"kind": "sql", "name": "CRM", "source": "CRM", "dialect": "sqlite", "database": database}
    tried = administrator.post("/admin/connections/test/", form).content.decode()
    assert "The login works: 1 table can be seen, the first is customers." in tried
    wrong = administrator.post("/admin/connections/new/", {**form, "database": "/nowhere/crm.db"})
    assert wrong.status_code == 400
    assert "There is no file /nowhere/crm.db" in wrong.content.decode()
    assert (
        "Database name is needed"
        in administrator.post("/admin/connections/new/", {**form, "database": ""}).content.decode()
    )
    assert not Connection.objects.exists()


def test_a_secret_is_encrypted_and_never_shown_again(administrator, made, audited):
    assert "s3cret-word" not in made.secrets + str(made.settings)
    for path in ("", f"{made.pk}/", f"{made.pk}/settings/"):
        assert "s3cret-word" not in administrator.get(f"/admin/connections/{path}").content.decode()
    before = made.secrets
    form = {"name": "The CRM", "dialect": "sqlite", "database": made.settings["database"], "password": ""}
    administrator.post(f"/admin/connections/{made.pk}/settings/", form)
    made.refresh_from_db()
    assert (made.name, bool(made.secrets)) == ("The CRM", True)
    assert made.secrets != before, "encrypted anew"
    assert "s3cret-word" not in str(
        [entry.detail for entry in (*audited("connection.create"), *audited("connection.change"))]
    )


def test_a_secret_does_not_go_to_another_host(administrator, made):
    from ingestion.sources.connections import with_kept_secrets

    assert with_kept_secrets(made, {"host": ""})["password"] == "s3cret-word"
    assert "password" not in with_kept_secrets(made, {"host": "elsewhere.example"})
    assert "password" not in with_kept_secrets(made, {"port": "5433"})


def test_a_table_is_proposed_previewed_and_kept_with_its_schedule(administrator, made, audited):
    found = administrator.get(f"/admin/connections/{made.pk}/streams/").content.decode()
    assert "customers" in found
    page = administrator.get(f"/admin/connections/{made.pk}/streams/new/?stream=customers").content.decode()
    assert "&quot;type&quot;: &quot;identify&quot;" in page
    assert "jane@example.com" in page
    assert pseudonym("user_id:1") in audited("connection.preview")[-1].subjects
    wrong = administrator.post(f"/admin/connections/{made.pk}/streams/new/", _form(mapping="{", key=[]))
    assert wrong.status_code == 400
    assert "The mapping is not JSON" in wrong.content.decode()
    assert "Choose the columns that tell rows apart" in wrong.content.decode()
    cron = _form(every="crontab", crontab="61 2 * * *")
    assert (
        "cannot be read as minute"
        in administrator.post(f"/admin/connections/{made.pk}/streams/new/", cron).content.decode()
    )
    administrator.post(
        f"/admin/connections/{made.pk}/streams/new/", _form(every="crontab", crontab="15 2 * * *")
    )
    task = PeriodicTask.objects.get(task="ingestion.tasks.start_connection_run")
    assert (task.enabled, str(task.crontab.minute)) == (True, "15")


def test_a_preview_shows_what_stands_in_the_form(administrator, made):
    address = f"/admin/connections/{made.pk}/preview/"
    assert "Jane" not in administrator.post(address, _form()).content.decode()
    changed = _form(mapping='{"type": "track", "event": "Saw Jane", "user_id": "id"}')
    assert "Saw Jane" in administrator.post(address, changed).content.decode()
    assert (
        "fill user_id" in administrator.post(address, _form(mapping='{"type": "identify"}')).content.decode()
    )


def test_a_stream_is_run_cancelled_paused_resumed_and_removed(administrator, stream, queued):
    address = f"/admin/connections/streams/{stream.pk}/"
    administrator.post(f"{address}run/")
    run = ConnectionRun.objects.get()
    assert queued == [run.pk]
    assert "is being read already" in administrator.post(f"{address}run/", follow=True).content.decode()
    assert "A worker takes it" in administrator.get(f"/admin/connections/runs/{run.pk}/").content.decode()
    administrator.post(f"/admin/connections/runs/{run.pk}/cancel/")
    administrator.post(f"{address}backfill/", {"begin": "2026-01-01", "rate": "100"})
    assert ConnectionRun.objects.get(cause="backfill").rows_per_second == 100
    administrator.post(f"{address}pause/")
    assert not PeriodicTask.objects.get(task="ingestion.tasks.start_connection_run").enabled
    assert "Paused" in administrator.get("/admin/connections/").content.decode()
    administrator.post(f"{address}resume/")
    assert PeriodicTask.objects.get(task="ingestion.tasks.start_connection_run").enabled
    administrator.post(f"{address}remove/")
    assert not Stream.objects.exists()
    assert not PeriodicTask.objects.filter(task="ingestion.tasks.start_connection_run").exists()


def test_rows_that_were_not_taken_are_given_back_without_formulas_and_that_is_kept(
    administrator, stream, queued, audited
):
    administrator.post(f"/admin/connections/streams/{stream.pk}/run/")
    run = ConnectionRun.objects.get()
    ConnectionRowError.objects.create(run=run, row=1, reason="not a number", raw="=1+1")
    ConnectionRun.objects.update(
        rejected=1, state="failed", failure="The password expired.", notes=["column x is new"]
    )
    page = administrator.get(f"/admin/connections/runs/{run.pk}/progress/").content.decode()
    assert "The password expired." in page
    assert "Column x is new." in page
    answer = administrator.get(f"/admin/connections/runs/{run.pk}/errors.csv")
    assert answer.getvalue().decode().splitlines()[1] == "1,not a number,'=1+1"
    (kept,) = audited("connection.errors")
    assert kept.detail == {"run": run.pk, "rows": 1, "rejected": 1}
    assert kept.categories == sorted(Category), "nothing is masked in a row"
