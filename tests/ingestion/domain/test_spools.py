from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.domain.spools import spools_elsewhere, waiting_in_spools
from ingestion.models import CollectorProcess

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def process(name: str, host: str = "web-1", *, seen: float, **fields) -> None:
    CollectorProcess.objects.create(
        name=name, host=host, pid=1, started_at=NOW - timedelta(hours=1),
        heartbeat_at=NOW - timedelta(seconds=seen), **fields,
    )  # fmt: skip


def test_an_empty_spool_of_a_live_collector_holds_nothing_back():
    process("a", seen=1)
    assert waiting_in_spools(NOW) == []


def test_what_a_live_collector_has_spooled_counts_from_its_oldest_record():
    oldest = NOW - timedelta(minutes=3)
    process("a", seen=1, spooled_records=1200, oldest_spooled_at=oldest, trouble="the database is away")
    [waiting] = waiting_in_spools(NOW)
    assert (waiting.since, waiting.records) == (oldest, 1200)
    assert waiting.reason == "1,200 events wait in the spool of web-1 (the database is away)"


def test_a_silent_host_counts_from_its_last_sign_of_life():
    process("a", seen=60)
    [waiting] = waiting_in_spools(NOW)
    assert waiting.since == NOW - timedelta(seconds=60)
    assert waiting.records == 0
    assert "silent since" in waiting.reason


def test_a_live_collector_answers_for_those_that_died_on_its_host_before_it_looked():
    process("dead", seen=60, spooled_records=5, oldest_spooled_at=NOW - timedelta(seconds=90))
    process("alive", seen=1)
    assert waiting_in_spools(NOW) == []
    process("elsewhere", host="web-2", seen=60)
    assert [waiting.since for waiting in waiting_in_spools(NOW)] == [NOW - timedelta(seconds=60)]


def test_a_collector_that_died_just_now_still_counts():
    process("dead", seen=16, spooled_records=5, oldest_spooled_at=NOW - timedelta(seconds=20))
    process("alive", seen=2)
    [waiting] = waiting_in_spools(NOW)
    assert waiting.since == NOW - timedelta(seconds=20)


def test_a_collector_that_stopped_in_order_with_an_empty_spool_is_forgotten():
    process("a", seen=600, stopped_at=NOW - timedelta(seconds=600))
    assert waiting_in_spools(NOW) == []


def test_spools_of_other_hosts_are_named_with_what_they_hold(tmp_path):
    oldest = NOW - timedelta(minutes=3)
    process("here", host="web-1", seen=1, spooled_records=7, oldest_spooled_at=oldest)
    process("empty", host="web-2", seen=1)
    process("a", host="web-3", seen=1, spooled_records=20, oldest_spooled_at=NOW)
    process("b", host="web-3", seen=1, spooled_records=3, oldest_spooled_at=oldest)
    process("gone", host="web-4", seen=600)
    process("stopped", host="web-5", seen=900, stopped_at=NOW)
    full, silent = spools_elsewhere(tmp_path / "none", host="web-1", now=NOW)
    assert (full.host, full.since, full.records) == ("web-3", oldest, 23)
    assert full.reasons == [
        "20 events wait in the spool of web-3",
        "3 events wait in the spool of web-3",
    ]
    assert (silent.host, silent.records) == ("web-4", 0)
    assert "silent since" in silent.reasons[0]


def test_hosts_that_share_a_home_are_not_elsewhere(tmp_path):
    process("web-2-1-abc", host="web-2", seen=1, spooled_records=3, oldest_spooled_at=NOW)
    [found] = spools_elsewhere(tmp_path, host="worker", now=NOW)
    assert found.host == "web-2"
    (tmp_path / "web-2-1-abc").mkdir()
    assert spools_elsewhere(tmp_path, host="worker", now=NOW) == []
