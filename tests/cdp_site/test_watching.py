"""What is wrong reaches people's inboxes once, and so does its end."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest

from cdp_site import watching
from cdp_site.runbooks import read_runbook
from cdp_site.watching import watch
from compliance.models import Notice, NoticeReceipt
from profiles.domain.queries.health import Waiting
from streaming.contracts.cluster import Ailment, LogTrouble
from streaming.contracts.log import LogUnavailable
from tests.compliance.notices.conftest import make_staff

NOW = datetime.now(UTC)
_FLOW = """
INSERT INTO consumer_flow (consumer, topic, partition, sampled_at, log_start, log_end, next_offset, has_begun,
    unread_since, retention_seconds, used)
VALUES ('profiles', 'events.page', 0, now(), 0, 500, 10, true, now() - interval '23.8 hour', 86400, 23.8 / 24.0)
"""
_LETTER = """
INSERT INTO dead_letter (consumer, topic, partition, "offset", value, headers, reason, appended_at, created_at)
SELECT 'profiles', 'events.page', 0, number, '', '{}', 'it cannot be read', now(), now() FROM generate_series(1, %s) AS number
"""


@pytest.fixture
def installation(fresh_database):
    make_staff("ada", "administrator")
    with fresh_database.connect(autocommit=True) as connection:
        yield connection


def test_nothing_is_told_while_nothing_is_wrong(installation):
    watch(now=NOW)
    assert not Notice.objects.exists()


def test_what_is_wrong_is_told_once_and_so_is_its_end(installation):
    installation.execute(_FLOW)
    installation.execute(_LETTER, [12])
    for minute in range(4):
        watch(now=NOW + timedelta(minutes=minute))
    subjects = [notice.subject for notice in Notice.objects.filter(kind="consumer_behind")]
    assert any(
        subject.startswith("profiles stands (not running), and 490 records wait") for subject in subjects
    )
    assert any("loses records of events.page" in subject for subject in subjects)
    assert any("The collector refuses events" in subject for subject in subjects)
    assert (
        Notice.objects.get(kind="dead_letters").subject == "12 dead letters of profiles wait for a decision"
    )
    count = Notice.objects.count()
    assert NoticeReceipt.objects.filter(user__username="ada").count() == count == 4
    assert {notice.link.split("/")[2] for notice in Notice.objects.all()} == {
        "consumers",
        "topics",
        "dead-letters",
    }
    installation.execute("DELETE FROM consumer_flow")
    installation.execute("DELETE FROM dead_letter")
    watch(now=NOW + timedelta(minutes=5))
    assert not Notice.objects.exclude(ended_at=None).exists(), "it may come back within minutes"
    watch(now=NOW + timedelta(minutes=10))
    assert not Notice.objects.filter(ended_at=None).exists()
    assert Notice.objects.count() == count


def test_a_full_disk_is_told_until_there_is_room(installation, monkeypatch):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 -- as shutil has it
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(10**12, 10**12, 10**8))
    watch(now=NOW)
    notice = Notice.objects.get()
    assert notice.kind == "disk_low"
    assert "0.1 GiB are free" in notice.body
    assert "Free some" in notice.body
    path, _, anchor = notice.link.partition("#")
    assert path == "/admin/runbooks/parts/"
    book = read_runbook("parts")
    assert book is not None
    assert anchor in {section.anchor for section in book.sections}
    monkeypatch.undo()
    watch(now=NOW + timedelta(minutes=1))
    assert Notice.objects.get().ended_at is not None


def test_a_log_that_is_away_is_told_and_what_cannot_be_looked_at_is_left_as_it_was(installation, monkeypatch):
    away = LogTrouble(Ailment.UNREACHABLE, "no broker answers", "Start them.")
    monkeypatch.setattr(watching, "log_troubles", lambda _open: [away])
    watch(now=NOW)
    assert Notice.objects.get().subject == "The event log: no broker answers"

    def failing(_open):
        raise LogUnavailable("away")

    monkeypatch.setattr(watching, "log_troubles", failing)
    watch(now=NOW + timedelta(hours=1))
    assert Notice.objects.get().ended_at is None


def test_a_long_review_queue_is_told_to_who_decides(installation, monkeypatch):
    make_staff("mia", "marketer")
    monkeypatch.setattr(watching, "waiting_for_review", lambda _now: Waiting(240, has_more=False))
    watch(now=NOW)
    assert Notice.objects.get().subject == "240 links wait in the review queue"
    assert [row.user.username for row in NoticeReceipt.objects.all()] == ["ada"]
