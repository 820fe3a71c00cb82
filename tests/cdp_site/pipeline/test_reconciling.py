"""The page of reconciliations: what it says, whom it lets ask, and how one is made from it."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp_site import tasks
from cdp_site.models import Reconciliation
from cdp_site.reconciliation.enums import FindingKind, RunState
from compliance.models import AuditEntry
from streaming.contracts.records import TopicSpec
from streaming.event_log import event_log
from tests.cdp_site.pipeline.conftest import NOW

PAGE = "/admin/reconciliation/"


@pytest.fixture
def unbalanced(signed_in) -> Reconciliation:
    """One that found 130 messages of one hour missing, and one that is balanced before it."""
    del signed_in
    ended = {"asked_by": "schedule", "asked_at": NOW, "finished_at": NOW, "since": NOW - timedelta(days=8)}
    Reconciliation.objects.create(state=RunState.BALANCED, **ended)
    row = {"consumer": "profiles", "topic": "events.page", "held": 9, "read": 7, "pending": 2}
    run = Reconciliation.objects.create(
        state=RunState.UNBALANCED, findings=130, downstream=[{**row, "dead_letters": 0, "lost": 0}], **ended
    )
    numbers = dict.fromkeys(("dead_lettered", "suppressed", "pending", "duplicates"), 0)
    for hour in range(3):
        run.hours.create(
            hour=NOW - timedelta(hours=hour), source_id=1, topic="events.page", applied=20, missing=130 * (not hour),
            **numbers,
        )  # fmt: skip
    for number in range(130):
        run.found.create(
            kind=FindingKind.NOT_STORED, minute=NOW, source_id=1, message_id=f"m-{number:03}", topic="events.page",
            partition=0, offset=number,
        )  # fmt: skip
    return run


def text(answer) -> str:
    return str(answer.content, "utf-8")


def test_it_says_what_to_do_before_the_first(signed_in):
    answer = signed_in("watcher").get(PAGE)
    assert "One is made each night" in text(answer)
    assert "Reconcile now" not in text(answer)  # a watcher may not


def test_it_names_hosts_whose_spool_was_not_compared(signed_in, unbalanced):
    client = signed_in("watcher")
    assert "apart from" not in text(client.get(PAGE))
    reason = "12 events wait in the spool of web-2"
    unbalanced.elsewhere = [{"host": "web-2", "since": NOW.isoformat(), "records": 12, "reasons": [reason]}]
    unbalanced.save()
    page = text(client.get(PAGE))
    assert "Not balanced, apart from the spool of web-2: 130 things do not add up." in page
    assert f"<p>{reason}</p>" in page


def test_it_names_what_is_missing_and_leads_to_all_of_it(signed_in, unbalanced):
    client = signed_in("watcher")
    page = text(client.get(PAGE))
    assert "Not balanced: 130 things do not add up." in page
    assert "m-000" in page
    assert "m-020" not in page
    hours = text(client.get(f"{PAGE}{unbalanced.pk}/hours/?source=1&topic=events.page"))
    assert hours.count("2026-11-24") == 3 + hours.count("hour=2026-11-24")
    found = text(
        client.get(f"{PAGE}{unbalanced.pk}/?source=1&topic=events.page&hour=2026-11-24T12:00:00+00:00")
    )
    assert "m-099" in found
    after = unbalanced.found.get(message_id="m-099").pk
    assert "m-129" in text(client.get(f"{PAGE}{unbalanced.pk}/?after={after}"))
    assert "everything balances" in text(client.get(f"{PAGE}{unbalanced.pk}/?topic=events.none"))
    assert AuditEntry.objects.filter(action="pipeline.reconcile", actor="watcher").count() == 4


def test_only_who_may_see_the_pipeline_sees_it(signed_in, unbalanced):
    client = signed_in("marketer")
    for address in (PAGE, f"{PAGE}{unbalanced.pk}/", f"{PAGE}{unbalanced.pk}/hours/", f"{PAGE}progress/"):
        assert client.get(address).status_code == 403
    assert signed_in("watcher").post(f"{PAGE}begin/").status_code == 403
    assert signed_in("administrator").get(f"{PAGE}999/").status_code == 404


def test_one_is_asked_for_followed_and_made(signed_in, monkeypatch):
    client, sent = signed_in("administrator"), []
    monkeypatch.setattr(tasks.reconcile, "delay", lambda **given: sent.append(given))
    assert client.post(f"{PAGE}begin/").status_code == 302
    asked = Reconciliation.objects.get()
    assert sent == [{"run_id": asked.pk}]
    assert "A worker takes it" in text(client.get(PAGE))
    assert "Queued" in text(client.get(f"{PAGE}progress/", headers={"HX-Request": "true"}))
    event_log().create_topics([TopicSpec("events.page", 1)])
    tasks.reconcile(run_id=asked.pk)
    assert client.get(f"{PAGE}progress/").headers["HX-Refresh"] == "true"
    assert "Balanced: every accepted event" in text(client.get(PAGE))


def test_one_is_cancelled(signed_in, monkeypatch):
    client = signed_in("administrator")
    monkeypatch.setattr(tasks.reconcile, "delay", lambda **_: None)
    client.post(f"{PAGE}begin/")
    asked = Reconciliation.objects.get()
    client.post(f"{PAGE}{asked.pk}/cancel/")
    asked.refresh_from_db()
    assert asked.state == RunState.CANCELLED


def test_one_is_made_each_night(signed_in, monkeypatch):
    del signed_in
    sent = []
    monkeypatch.setattr(tasks.reconcile, "delay", lambda **given: sent.append(given))
    tasks.reconcile_nightly()
    assert sent == [{"run_id": Reconciliation.objects.get(asked_by="schedule").pk}]


def test_one_whose_worker_died_is_made_by_another(signed_in, monkeypatch):
    del signed_in
    sent = []
    monkeypatch.setattr(tasks.reconcile, "delay", lambda **given: sent.append(given))
    died = Reconciliation.objects.create(
        state=RunState.RUNNING, asked_by="mia", asked_at=datetime.now(UTC), progressed_at=NOW
    )
    tasks.resume_reconciliations()
    assert sent == [{"run_id": died.pk}]
