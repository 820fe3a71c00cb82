import sqlite3

import pytest

from compliance.access import Actor
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.connections import create_connection
from ingestion.sources.registry import kind_named
from ingestion.sources.streams import Choice, save_stream
from tests.profiles.builder.driver import START

BY = Actor.system("test")


@pytest.fixture
def stream(fresh_database, tmp_path) -> Stream:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as session:
        session.execute("CREATE TABLE customers (id integer PRIMARY KEY)")
    session.close()
    typed = {"dialect": "sqlite", "database": str(path), "password": "s3cret-word"}
    made = create_connection(name="CRM", kind="sql", source="CRM", typed=typed, by=BY, now=START)
    info = kind_named("sql").describe(typed, "customers")
    choice = Choice(["id"], ["id"], {"type": "identify", "user_id": "id"}, cursor="id", every_seconds=3600)
    return save_stream(connection=made, stream=None, info=info, choice=choice, by=BY, now=START)


def test_connections_are_listed_without_secrets_and_runs_are_begun(client_with, stream, monkeypatch):
    told: list[int] = []
    monkeypatch.setattr("ingestion.tasks.run_connection.delay", lambda *, run_id: told.append(run_id))
    api = client_with("sources.view", "sources.manage")
    answer = api.get("/api/v1/connections/")
    assert "s3cret-word" not in answer.content.decode()
    [listed] = answer.json()["results"]
    assert (listed["name"], listed["works"], listed["streams"][0]["state"]) == ("CRM", True, "ready")
    assert listed["streams"][0]["schedule"] == "every hour"
    address = f"/api/v1/connections/streams/{stream.pk}/runs/"
    begun = api.post(address)
    assert (begun.status_code, told) == (201, [ConnectionRun.objects.get().pk])
    assert api.post(address).status_code == 400
    page = api.get(f"{address}?page_size=1").json()
    assert (page["results"][0]["state"], page["next"] is None) == ("queued", False)
    assert api.get("/api/v1/connections/streams/99/runs/").status_code == 404
    assert client_with("sources.view").post(address).status_code == 403
    assert client_with("people.view").get("/api/v1/connections/").status_code == 403
