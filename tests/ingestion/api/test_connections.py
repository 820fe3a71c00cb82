import sqlite3

import pytest

from compliance.access import Actor
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.connections import create_connection
from ingestion.sources.registry import kind_named
from ingestion.sources.streams import Choice, save_stream
from tests.ingestion.sources.rest.server import Api, Reply, customers
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
    assert (page["results"][0]["state"], page["next"]) == ("queued", None)
    assert api.get("/api/v1/connections/streams/99/runs/").status_code == 404
    assert client_with("sources.view").post(address).status_code == 403
    assert client_with("people.view").get("/api/v1/connections/").status_code == 403
    ConnectionRun.objects.update(state="done")
    first, again = (
        api.post(address, content_type="application/json", headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (again["Idempotency-Replayed"], len(told)) == ("true", 2)


def test_all_runs_are_listed_however_many_a_page_has(client_with, stream):
    ConnectionRun.objects.bulk_create(
        ConnectionRun(stream=stream, cause="schedule", state="done", created_at=START, created_by="schedule", position={})
        for _ in range(301)
    )  # fmt: skip
    api, address, seen = client_with("sources.view"), f"/api/v1/connections/streams/{stream.pk}/runs/", []
    following = f"{address}?page_size=300"
    while following:
        page = api.get(following).json()
        seen += [each["id"] for each in page["results"]]
        following = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 301


@pytest.mark.parametrize("value", ["a\0b", 2**63, 1e300], ids=["nul", "large", "infinite"])
def test_a_mapping_that_cannot_be_kept_is_refused(client_with, stream, value):
    mapping = {"type": "identify", "user_id": "id", "traits": {"plan": {"value": value}}}
    answer = client_with("sources.manage").post(
        f"/api/v1/connections/{stream.connection_id}/streams/",
        {"name": "customers", "mapping": mapping},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "cannot be kept" in answer.json()["errors"][0]["message"]
    assert Stream.objects.count() == 1


@pytest.fixture
def server():
    with Api().running() as api:
        yield api


def test_a_stream_is_added_as_in_the_form(client_with, fresh_database, server):
    def answer(asked):
        return Reply({"data": customers(1, 3)}) if asked.path != "/gone" else Reply({}, status=404)

    server.answer = answer
    typed = {"base_url": server.url, "auth": "bearer", "token": "s3cret-word"}
    made = create_connection(name="Shop", kind="rest", source="Shop", typed=typed, by=BY, now=START)
    api, address = client_with("sources.manage"), f"/api/v1/connections/{made.pk}/streams/"
    body = {"name": "customers", "settings": {"path": "/customers"}, "look_back": 60}
    key = {"Idempotency-Key": "k"}
    added = api.post(address, body, content_type="application/json", headers=key)
    assert added.status_code == 201, added.content
    server.answer = lambda _asked: Reply({}, status=503)  # who sends it again does not wait for the source
    assert added.json()["settings"] == {
        "path": "/customers", "method": "GET", "pagination": "detect", "records": "data", "cursor_format": "as_is",
    }  # fmt: skip
    again = api.post(address, body, content_type="application/json", headers=key)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, added.json(), "true")
    stream = Stream.objects.get()
    assert (stream.cursor, stream.key, stream.look_back) == ("updated_at", ["id"], 60)
    server.answer = answer
    for wrong, field, words in (
        ({"settings": {}}, "name", "Say what is to be read"), ({"name": "x", "settings": {}}, "path", "Path is needed"),
        ({"name": "x", "settings": {"path": "//other.example"}}, "settings", "stands after the base URL"),
        ({"name": "x", "settings": {"path": "/gone"}}, "settings", "There is nothing at this path"),
        ({"name": "x", "token": "y"}, "token", "There is no such field"), ({"name": "x", "key": "id"}, "key", "a list of names"),
        ({"name": "x", "settings": {"path": "/x"}, "cursor": "email2"}, "columns", "has no column email2"),
        ({"name": "customers", "settings": {"path": "/x"}}, "stream", "is read already"),
    ):  # fmt: skip
        refused = api.post(address, wrong, content_type="application/json")
        assert (refused.status_code, words in str(refused.json())) == (400, True), refused.content
        assert field in str(refused.json())
    other = {"name": "x", "settings": {"path": "/x"}}
    assert api.post(address, other, content_type="application/json", headers=key).status_code == 422
    assert (
        api.post(
            "/api/v1/connections/99/streams/", {"name": "x"}, content_type="application/json"
        ).status_code
        == 404
    )
    assert (
        client_with("sources.view").post(address, {"name": "x"}, content_type="application/json").status_code
        == 403
    )
    assert Stream.objects.count() == 1
