"""Home: the figures, what is wrong, and who sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from cdp_site.home.health import findings
from cdp_site.home.pace import pace
from cdp_site.home.speed import medians
from cdp_site.home.volume import volume
from compliance.access import Actor
from compliance.models import User
from ingestion.domain.counters import CountKey, add_counts
from ingestion.domain.sources import create_source
from ingestion.models import CollectorProcess, Source
from profiles.builder.statistics import LATENCY_BOUNDS
from profiles.models import BuilderMinute

NOW = datetime(2026, 3, 4, 12, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def source(db) -> Source:
    return create_source(name="Web shop", by=Actor.system("tests"), now=NOW)


def _arrive(source: Source, before: timedelta, events: int, result: str = "accepted") -> None:
    minute = (NOW - before).replace(second=0, microsecond=0)
    add_counts({CountKey(source.pk, minute, "track", "Order Completed", result): events})


def _found(**changes: object) -> list[tuple[str, str]]:
    known = {"now": NOW, "rejected_share": 0.0, "latency": None, "consumers": [], **changes}
    return [(finding.tone, finding.text) for finding in findings(**known)]  # type: ignore[arg-type]


def test_the_pace_is_that_of_whole_minutes_and_compared_with_yesterday(source):
    for minutes in range(6):
        _arrive(source, minutes * MINUTE, 60)
    _arrive(source, timedelta(days=1) + 2 * MINUTE, 200)
    found = pace(now=NOW)
    assert found.per_minute == 60
    assert found.yesterday == 40
    assert found.words == "50% more than yesterday"
    assert len(found.by_minute) == 60


def test_without_a_yesterday_there_is_nothing_to_compare(source):
    _arrive(source, MINUTE, 10)
    assert pace(now=NOW).words == "nothing at this time yesterday"


def test_the_chart_has_a_bar_for_each_quarter_of_the_day(source):
    _arrive(source, MINUTE, 7)
    _arrive(source, timedelta(hours=23), 5)
    _arrive(source, timedelta(hours=25), 1000)
    chart = volume(now=NOW)
    ((name, values),) = chart.series
    assert name == "Web shop"
    assert len(values) == 96
    assert values[-1] == 7
    assert sum(values) == 12
    assert chart.links == {"Web shop": f"/admin/sources/{source.pk}/"}


def test_medians_are_filled_where_nothing_happened(db):
    buckets = [0] * (len(LATENCY_BOUNDS) + 1)
    buckets[2] = 10
    minute = (NOW - 30 * MINUTE).replace(second=0)
    BuilderMinute.objects.create(
        minute=minute, worker=1, applied=10, duplicates=0, suppressed=0, rejected=0, latency=buckets
    )
    values = medians(now=NOW)
    assert len(values) == 60
    assert values[0] == 0
    assert values[-1] == LATENCY_BOUNDS[2]


def test_nothing_is_wrong_at_first(db):
    assert _found() == []


def _collector(**changes: object) -> CollectorProcess:
    known = {"name": "a", "host": "web-1", "pid": 1, "started_at": NOW, "heartbeat_at": NOW, **changes}
    return CollectorProcess.objects.create(**known)


def test_a_silent_collector_with_events_in_its_spool_is_the_worst(db):
    _collector(heartbeat_at=NOW - timedelta(minutes=5), spooled_records=12)
    first, second = _found(rejected_share=0.2)
    assert first == ("bad", "The collector on web-1 was last heard of 5 min ago; 12 events are in its spool")
    assert second == ("warn", "20% of what arrived in the last hour was rejected")


def test_a_stopped_collector_is_not_wrong_and_one_that_waits_is(db):
    _collector(stopped_at=NOW, heartbeat_at=NOW - timedelta(hours=1))
    _collector(name="b", host="web-2", spooled_records=3, trouble="the log does not answer")
    assert _found() == [("warn", "3 accepted events wait on web-2 for the event log")]


def test_slow_events_are_told(db):
    assert _found(latency=4.9) == []
    assert _found(latency=60.0) == [("warn", "Events took 60 s to reach their people")]


@pytest.mark.parametrize(("role", "links"), [("administrator", 1), ("marketer", 0)])
def test_a_finding_leads_to_where_it_is_mended_those_who_may_go_there(source, role, links):
    _collector(spooled_records=3, heartbeat_at=timezone.now())
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert "3 accepted events wait on web-1" in page
    assert page.count('href="/admin/topics/">See to it') == links


def test_home_answers_whoever_has_a_role_and_no_others(source):
    for role, status in (("administrator", 200), ("marketer", 200), ("", 403)):
        user = User.objects.create(username=role or "newcomer", is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        for path in ("", "home/figures/", "home/chart/"):
            assert client.get(f"/admin/{path}").status_code == status, (role, path)


def test_home_says_what_a_marketer_may_not_see_by_leaving_it_out(source):
    user = User.objects.create(username="m", is_staff=True)
    user.groups.add(Group.objects.get(name="marketer"))
    client = Client()
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert "Dead letters</a></li>" not in page
    assert ">Imports<" not in page
