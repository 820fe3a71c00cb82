"""Notices: what is wrong, for those who may see it, with the way to mend it."""

from datetime import UTC, datetime, timedelta

import pytest
from django import db
from django.urls import reverse

from cdp_site.pipeline import notices
from cdp_site.pipeline.notices import Notice, gather, register_notices
from compliance.models import AuditEntry
from ingestion.models import CollectorProcess

ADDRESS = "/admin/notices/"
_FLOW = """
INSERT INTO consumer_flow (consumer, topic, partition, sampled_at, log_start, log_end, next_offset, has_begun,
    unread_since, retention_seconds, used)
VALUES ('profiles', 'events.page', 0, now(), 0, 500, 10, true, now() - %s * interval '1 hour', 86400, %s / 24.0)
"""
_WORKER = """
INSERT INTO consumer_worker (id, consumer, host, pid, keeper_pid, keeper_start, state)
VALUES (gen_random_uuid(), 'profiles', 'h', 1, 1, now(), 'running')
"""


@pytest.fixture
def behind(signed_in, fresh_database):
    """Have the profile builder be that many hours behind, of a day that is kept."""

    def make(hours: float, *, running: bool) -> None:
        with fresh_database.connect() as connection:
            connection.execute("DELETE FROM consumer_flow")
            connection.execute("DELETE FROM consumer_worker")
            connection.execute(_FLOW, [hours, hours])
            if running:
                connection.execute(_WORKER)

    return make


def strip(client) -> str:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_all_is_quiet_while_nothing_is_wrong(signed_in):
    assert "hw-note" not in strip(signed_in("watcher"))


def test_a_near_loss_names_the_consumer_the_topic_the_time_and_where_to_mend_it(signed_in, behind):
    client = signed_in("watcher")
    behind(19, running=True)
    page = strip(client)
    assert "profiles loses records of events.page in 5 h" in page
    assert "hw-note-warning" in page
    assert reverse("admin:topic", args=["events.page"]) in page
    behind(23.5, running=True)
    assert "hw-note-error" in strip(client)
    behind(1, running=True)
    assert "hw-note" not in strip(client)


def test_the_collectors_brake_and_a_consumer_that_stands_are_told_until_it_is_retired(signed_in, behind):
    client = signed_in("administrator")
    behind(21, running=False)
    page = strip(client)
    assert "The collector slows down: what profiles has not read is 88% of what events.page keeps" in page
    assert "profiles stands (not running), and 490 records wait." in page
    behind(23.9, running=False)
    assert "The collector refuses events" in strip(client)
    retired = client.post("/admin/consumers/profiles/retirement/", {"retired": "1"}, follow=True)
    assert "Retired" in retired.content.decode()
    assert "hw-note" not in strip(client)
    client.post("/admin/consumers/profiles/retirement/", {"retired": "0"})
    assert "The collector refuses events" in strip(client)
    trail = (
        AuditEntry.objects.filter(target="consumer profiles").order_by("id").values_list("action", "actor")
    )
    assert list(trail) == [("consumer.retire", "administrator"), ("consumer.keep", "administrator")]


def test_only_who_operates_the_pipeline_retires(signed_in):
    watcher = signed_in("watcher")
    assert watcher.post("/admin/consumers/profiles/retirement/", {"retired": "1"}).status_code == 403
    assert "Retire profiles" not in watcher.get("/admin/consumers/profiles/").content.decode()
    assert signed_in("administrator").post("/admin/consumers/none/retirement/").status_code == 404


def test_letters_that_pile_up_and_a_spool_that_fills_are_told(signed_in, refuse, settings):
    client = signed_in("watcher")
    for offset in range(100):
        refuse(offset)
    settings.SPOOL_LIMIT_MB = 1
    now = datetime.now(UTC)
    CollectorProcess.objects.create(
        name="web-1", host="web-1", pid=1, started_at=now, heartbeat_at=now, spooled_records=1200,
        spooled_bytes=700_000, oldest_spooled_at=now - timedelta(minutes=3),
    )  # fmt: skip
    page = strip(client)
    assert "100 dead letters of profiles wait for a decision" in page
    assert "The spool on web-1 holds 1,200 events, 67% of its room" in page


def test_every_page_asks_for_the_notices_of_who_may_see_them(signed_in):
    assert ADDRESS in signed_in("watcher").get("/admin/").content.decode()
    marketer = signed_in("marketer")
    assert ADDRESS not in marketer.get("/admin/").content.decode()
    assert marketer.get(ADDRESS).status_code == 403


def test_other_parts_bring_theirs_and_one_that_fails_keeps_nobody_from_being_heard(monkeypatch):
    monkeypatch.setattr(notices, "_sources", {})
    near, far = Notice("warn", "near", "See", "topics"), Notice("bad", "far", "See", "topics")

    def failing(_now):
        raise db.OperationalError("away")

    register_notices("failing", failing)
    register_notices("near", lambda _now: [near])
    register_notices("far", lambda _now: [far])
    assert gather(datetime.now(UTC)) == [far, near]
