"""Identity health: each figure with the action that mends it."""

from datetime import UTC, datetime

import pytest

from compliance.access import AccessDenied
from compliance.models import AuditEntry
from profiles import tasks
from profiles.domain.rules.waiting_groups import hurry_waiting_groups
from profiles.models import BlockedHit, Cluster, Identifier, Namespace, Profile, RuleChange
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import event
from tests.profiles.people import MARKETER

ADDRESS = "/admin/identity/health/"


@pytest.fixture(autouse=True)
def _tasks_run_at_once(fresh_database, monkeypatch):
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    for task in (tasks.measure_rule_change, tasks.apply_rule_change):
        monkeypatch.setattr(task, "delay", task)
    yield
    close_event_log()


@pytest.fixture
def constant(builder) -> int:
    """A user id that a source sends for everybody, found by the job that counts links."""
    Namespace.objects.filter(key="anonymous_id").update(limit=3)
    builder.send(*(event(anonymous_id=f"a{n}", user_id="everybody", minutes=n) for n in range(30)))
    tasks.measure_links()
    return int(Identifier.objects.get(value="everybody").pk)


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_nothing_is_wrong_yet(signed_in):
    page = _text(signed_in("administrator").get(ADDRESS))
    assert "No value links suspiciously many people." in page
    assert "Nobody was merged or taken apart" in page


def test_a_suspicious_value_is_blocked_with_one_click(signed_in, constant):
    client = signed_in("administrator")
    page = _text(client.get(ADDRESS))
    assert "everybody" in page
    assert "27 of its links were refused." in page
    answer = client.post(f"{ADDRESS}values/{constant}/block/", follow=True)
    assert "Blocked: it identifies nobody from now on." in _text(answer)
    assert Profile.objects.count() == 30
    assert "everybody" not in _text(client.get(ADDRESS))
    again = client.post(f"{ADDRESS}values/{constant}/block/", follow=True)
    assert "not proposed any more" in _text(again)


def test_a_suspicious_value_is_kept(signed_in, constant):
    client = signed_in("administrator")
    assert "not proposed again" in _text(client.post(f"{ADDRESS}values/{constant}/keep/", follow=True))
    assert "everybody" not in _text(client.get(ADDRESS))


def test_a_marketer_sees_the_figures_and_no_buttons(signed_in, constant):
    page = _text(signed_in("marketer").get(ADDRESS))
    assert "27 of its links were refused." in page
    assert "/block/" not in page
    assert "/admin/identity/namespaces/" not in page


def test_what_unblocking_a_value_that_came_would_do_is_measured(signed_in):
    user = Namespace.objects.get(key="user_id")
    today = datetime.now(UTC).date()
    BlockedHit.objects.create(day=today, namespace=user, value="null", worker=1, hits=1234)
    client = signed_in("administrator")
    assert "1,234" in _text(client.get(ADDRESS))
    answer = client.post(f"{ADDRESS}unblock/", {"namespace": "user_id", "value": "null"}, follow=True)
    assert "Everybody stays as they are" in _text(answer)
    assert "null" in Namespace.objects.get(key="user_id").blocked_values
    assert "null" not in RuleChange.objects.get().after["blocked_values"]
    wrong = client.post(f"{ADDRESS}unblock/", {"namespace": "user_id", "value": "nothing"}, follow=True)
    assert "not among the blocked values" in _text(wrong)


def test_groups_that_wait_are_shown_with_their_progress(signed_in, monkeypatch):
    Cluster.objects.create(edges=20_000, due_at=datetime.now(UTC), why="too many links", done=5, total=20)
    client = signed_in("administrator")
    page = _text(client.get(ADDRESS))
    assert "A group of 20,000 links" in page
    assert 'value="0.2500"' in page
    called: list[bool] = []
    monkeypatch.setattr(tasks.recompute_clusters, "delay", lambda: called.append(True))
    assert "It goes on now." in _text(client.post(f"{ADDRESS}recompute/", follow=True))
    assert called == [True]
    (entry,) = AuditEntry.objects.filter(action="identity.recompute")
    assert (entry.actor, entry.detail) == ("administrator", {"groups": 1})
    Cluster.objects.update(due_at=None)
    assert "Nothing waits any more" in _text(client.post(f"{ADDRESS}recompute/", follow=True))
    assert called == [True]
    with pytest.raises(AccessDenied):
        hurry_waiting_groups(MARKETER)
