"""The rules of identity by programs: read, measure, apply."""

import pytest

from compliance.enums import Category
from profiles import tasks
from profiles.domain.queries.rule_changes import rule_changes
from profiles.models import Namespace, RuleChange
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, person_of

JSON = "application/json"
CHANGES = "/api/v1/rule-changes/"
DRY_RUN = "/api/v1/namespaces/anonymous_id/dry-run/"


@pytest.fixture(autouse=True)
def _tasks_run_at_once(fresh_database, monkeypatch):
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    for task in (tasks.measure_rule_change, tasks.apply_rule_change):
        monkeypatch.setattr(task, "delay", task)
    yield
    close_event_log()


@pytest.fixture
def rules(client_with):
    return client_with("identity.rules", "people.view", categories=list(Category))


def test_namespaces_are_listed_the_strongest_first(rules):
    found = rules.get("/api/v1/namespaces/").json()["results"]
    assert found[0]["key"] == "user_id"
    assert (found[0]["unique"], found[0]["limit"], found[0]["level"]) == (True, None, "person")


def test_a_change_is_measured_then_applied(rules, builder):
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    answer = rules.post("/api/v1/namespaces/anonymous_id/dry-run/", {"limit": 1}, JSON)
    assert answer.status_code == 200
    change = rules.get(f"{CHANGES}{answer.json()['id']}/").json()
    assert (change["state"], change["splits"], change["reviews"]) == ("ready", 1, 2)
    assert change["fields"] == ["limit"]
    assert change["examples"][0]["profiles"] == [str(person_of("user_id", "u").public_id)]
    applied = rules.post(f"{CHANGES}{change['id']}/apply/")
    assert applied.status_code == 200
    assert rules.get(f"{CHANGES}{change['id']}/").json()["state"] == "done"
    assert Namespace.objects.get(key="anonymous_id").limit == 1
    assert rules.get(f"{CHANGES}{change['id']}/").json()["fraction"] == "1.0000"
    again = rules.post(f"{CHANGES}{change['id']}/apply/")
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
    assert rules.get(CHANGES + "999/").status_code == 404
    assert rules.post(CHANGES + "999/apply/").status_code == 404


def test_it_takes_the_scope_for_rules(client_with):
    other = client_with("people.view", "identity.decide")
    assert other.get("/api/v1/namespaces/").status_code == 403
    assert other.post("/api/v1/namespaces/email/dry-run/", {"limit": 1}, JSON).status_code == 403
    assert other.post(CHANGES + "1/apply/").status_code == 403
    assert other.get(CHANGES).status_code == 403
    assert other.post(CHANGES + "1/cancel/").status_code == 403


def test_changes_are_listed_in_pages_the_latest_first(rules, django_assert_num_queries):
    made = [rules.post(DRY_RUN, {"limit": limit}, JSON).json()["id"] for limit in (3, 4, 5)]
    RuleChange.objects.filter(pk__in=made).update(state="done")
    first = rules.get(f"{CHANGES}?page_size=2").json()
    assert [each["id"] for each in first["results"]] == made[:0:-1]
    second = rules.get(first["next"]).json()
    assert ([each["id"] for each in second["results"]], second["next"]) == (made[:1], None)
    assert rules.get(second["previous"]).json()["results"] == first["results"]
    assert rules.get(f"{CHANGES}?cursor=made-up").status_code == 400
    with django_assert_num_queries(2):
        rule_changes(ALL)


def test_a_measured_change_can_be_cancelled_and_an_applied_one_not(rules):
    change = rules.post(DRY_RUN, {"limit": 3}, JSON).json()["id"]
    cancelled = rules.post(f"{CHANGES}{change}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert rules.post(f"{CHANGES}{change}/apply/").status_code == 409
    assert rules.post(f"{CHANGES}{change}/cancel/").status_code == 409
    assert rules.post(CHANGES + "999/cancel/").status_code == 404


def test_a_request_that_is_sent_again_with_its_key_has_its_effect_once(rules):
    def send(path, body=None):
        return rules.post(path, body, JSON, headers={"Idempotency-Key": f"of {path}"})

    first, again = send(DRY_RUN, {"limit": 3}), send(DRY_RUN, {"limit": 3})
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    (change,) = RuleChange.objects.all()
    assert change.state == "ready"  # the task ran, and once everything was committed
    for path in (f"{CHANGES}{change.pk}/apply/", f"{CHANGES}{change.pk}/apply/"):
        assert send(path).status_code == 200
    change.refresh_from_db()
    assert change.state == "done"
