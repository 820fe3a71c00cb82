"""The rules of identity by programs: read, measure, apply."""

import pytest

from profiles import tasks
from profiles.models import Namespace
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of

JSON = "application/json"


@pytest.fixture(autouse=True)
def _tasks_run_at_once(fresh_database, monkeypatch):
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    for task in (tasks.measure_rule_change, tasks.apply_rule_change):
        monkeypatch.setattr(task, "delay", task)
    yield
    close_event_log()


@pytest.fixture
def rules(client_with):
    return client_with("identity.rules", "people.view")


def test_namespaces_are_listed_the_strongest_first(rules):
    found = rules.get("/api/v1/namespaces/").json()["results"]
    assert found[0]["key"] == "user_id"
    assert (found[0]["unique"], found[0]["limit"], found[0]["level"]) == (True, None, "person")


def test_a_change_is_measured_then_applied(rules, builder):
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    answer = rules.post("/api/v1/namespaces/anonymous_id/dry-run/", {"limit": 1}, JSON)
    assert answer.status_code == 200
    change = answer.json()
    assert (change["state"], change["splits"], change["reviews"], change["fields"]) == (
        "ready",
        1,
        2,
        ["limit"],
    )
    assert change["examples"][0]["profiles"] == [str(person_of("user_id", "u").public_id)]
    applied = rules.post(f"/api/v1/rule-changes/{change['id']}/apply/")
    assert (applied.status_code, applied.json()["state"]) == (200, "done")
    assert Namespace.objects.get(key="anonymous_id").limit == 1
    assert rules.get(f"/api/v1/rule-changes/{change['id']}/").json()["fraction"] == "1.0000"
    again = rules.post(f"/api/v1/rule-changes/{change['id']}/apply/")
    assert again.status_code == 409


WRONG = [
    ({"limit": "many"}, "limit"), ({"limit": 0}, "limit"), ({"unique": 1}, "unique"), ({"paths": "x"}, "paths"), ({"key": "x"}, "body"),
    ({}, "body"), ({"blocked_patterns": ["("]}, "blocked_patterns"), ({"name": "a\0b"}, "name"), ({"limit": 5}, "body"),
]  # fmt: skip


def test_what_cannot_be_is_refused_with_the_field(rules):
    for sent, field in WRONG:
        answer = rules.post("/api/v1/namespaces/email/dry-run/", sent, JSON)
        assert answer.status_code == 400, sent
        assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_what_is_not_there_is_said(rules):
    assert rules.post("/api/v1/namespaces/nothing/dry-run/", {"limit": 1}, JSON).status_code == 404
    assert rules.get("/api/v1/rule-changes/999/").status_code == 404
    assert rules.post("/api/v1/rule-changes/999/apply/").status_code == 404


def test_it_takes_the_scope_for_rules(client_with):
    other = client_with("people.view", "identity.decide")
    assert other.get("/api/v1/namespaces/").status_code == 403
    assert other.post("/api/v1/namespaces/email/dry-run/", {"limit": 1}, JSON).status_code == 403
    assert other.post("/api/v1/rule-changes/1/apply/").status_code == 403
