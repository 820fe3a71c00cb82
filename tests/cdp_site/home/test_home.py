"""Home: the figures, what is wrong, and who sees it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from cdp_site.home.health import findings
from cdp_site.home.pace import pace
from cdp_site.home.speed import medians
from cdp_site.home.volume import volume
from compliance.access import Actor
from compliance.enums import Operation
from compliance.models import Role, User
from ingestion.domain.counters import CountKey, add_counts
from ingestion.domain.quarantine.waiting import waiting_sources
from ingestion.domain.sources import create_source
from ingestion.models import CatalogueEvent, CollectorProcess, Connection, Quarantined, Source, Stream
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


def test_a_connection_that_fails_is_told_without_what_its_system_answered(source):
    made = Connection.objects.create(
        name="CRM",
        kind="sql",
        source=source,
        created_at=NOW,
        failures=3,
        trouble="crm.internal: no login for u7",
    )
    Connection.objects.create(name="Shop", kind="sql", source=source, created_at=NOW)
    once = Connection.objects.create(
        name="Once", kind="sql", source=source, created_at=NOW, failures=1, trouble="x"
    )
    paused = Connection.objects.create(
        name="Old", kind="sql", source=source, created_at=NOW, failures=9, trouble="x"
    )
    for each in (made, once):
        Stream.objects.create(
            connection=each, name="customers", columns=[], key=[], mapping={}, created_at=NOW
        )
    Stream.objects.create(connection=made, name="orders", columns=[], key=[], mapping={}, created_at=NOW)
    Stream.objects.create(
        connection=paused, name="customers", columns=[], key=[], mapping={}, created_at=NOW, paused_at=NOW
    )
    (found,) = findings(now=NOW, rejected_share=0.0, latency=None, consumers=[])
    assert found.text == "The connection CRM failed 3 times in a row"
    assert "crm.internal" not in found.help
    assert found.href == f"/admin/connections/{made.pk}/"


def test_events_that_wait_in_quarantine_are_told_by_source(source):
    create_source(name="Till", by=Actor.system("tests"), now=NOW)
    for number, state in enumerate(["open", "open", "discarded"]):
        Quarantined.objects.create(
            source=source, client_time=number, hash=UUID(int=number), type="track", name="Order", reason="wrong",
            plan_version=1, received_at=NOW, quarantined_at=NOW, value="{}", state=state,
        )  # fmt: skip
    (found,) = findings(now=NOW, rejected_share=0.0, latency=None, consumers=[])
    assert (found.tone, found.text) == ("warn", "2 events of Web shop wait in quarantine")
    assert [(each.events, each.is_more) for each in waiting_sources(most=5, counted=1).shown] == [(1, True)]
    assert found.href == f"/admin/quarantine/?source={source.pk}"


@pytest.mark.parametrize(("more", "told"), [(1, "1 more source wait"), (2, "2 more sources wait")])
def test_of_many_sources_with_events_in_quarantine_the_further_ones_are_counted(source, more, told):
    others = [create_source(name=f"Till {n}", by=Actor.system("tests"), now=NOW) for n in range(4 + more)]
    for number, each in enumerate([source, *others]):
        Quarantined.objects.create(
            source=each, client_time=number, hash=UUID(int=number), type="track", name="Order", reason="wrong",
            plan_version=1, received_at=NOW, quarantined_at=NOW, value="{}", state="open",
        )  # fmt: skip
    found = findings(now=NOW, rejected_share=0.0, latency=None, consumers=[])
    assert len(found) == 6
    assert told in found[-1].text
    assert found[-1].href == "/admin/quarantine/"


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


def test_home_answers_whoever_has_a_role_and_leads_others_to_their_account(source):
    for role, status in (("administrator", 200), ("marketer", 200), ("", 403)):
        user = User.objects.create(username=role or "newcomer", is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        for path in ("home/figures/", "home/chart/"):
            assert client.get(f"/admin/{path}").status_code == status, (role, path)
        answer = client.get("/admin/")
        led = (answer.status_code, answer.headers.get("Location"))
        assert led == ((200, None) if role else (302, "/admin/account/"))


def test_home_says_what_a_marketer_may_not_see_by_leaving_it_out(source):
    user = User.objects.create(username="m", is_staff=True)
    user.groups.add(Group.objects.get(name="marketer"))
    client = Client()
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert "Dead letters</a></li>" not in page
    assert ">Imports<" not in page


@pytest.mark.parametrize("may", [True, False])
def test_a_frequent_event_leads_to_the_catalogue_those_who_may_go_there(source, may):
    now = timezone.now()
    add_counts({CountKey(source.pk, now - MINUTE, "track", name, "accepted"): 5 for name in ("Sold", "New")})
    known = CatalogueEvent.objects.create(type="track", name="Sold", first_seen_at=now, last_seen_at=now)
    CatalogueEvent.objects.create(type="page", name="New", first_seen_at=now, last_seen_at=now)
    user, group = User.objects.create(username="u", is_staff=True), Group.objects.create(name="onlookers")
    operations = [Operation.HOME_VIEW, *([Operation.SOURCES_VIEW] if may else [])]
    Role.objects.create(group=group, operations=operations, categories=[])
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert (f'href="/admin/catalogue/{known.pk}/">Sold</a>' in page) == may
    assert '<span class="hw-clip">New</span>' in page
