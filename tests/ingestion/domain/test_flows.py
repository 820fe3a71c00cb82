"""What each source sends into which topic."""

from datetime import UTC, datetime, timedelta

import pytest

from ingestion.domain.queries.flows import Flow, flows
from ingestion.enums import Result
from ingestion.models import EventName, Source, SourceMinute

NOW = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Source:
    source = Source.objects.create(name="Shop", created_at=NOW)
    EventName.objects.create(
        type="track", name="Bought", topic="events.bought", source=source, first_seen_at=NOW, last_seen_at=NOW
    )
    return source


def arrived(
    source: Source, events: int, *, ago: int, name: str = "Bought", result: str = Result.ACCEPTED
) -> None:
    minute = NOW.replace(second=0) - timedelta(minutes=ago)
    SourceMinute.objects.create(
        source=source, minute=minute, type="track", name=name, result=result, events=events
    )


def test_the_rate_is_the_mean_of_the_last_minutes(shop):
    arrived(shop, 30, ago=1)
    arrived(shop, 20, ago=5)
    arrived(shop, 999, ago=20)
    assert flows(now=NOW) == [Flow(shop.pk, "Shop", "events.bought", 10.0)]


def test_names_without_a_topic_and_rejected_items_go_elsewhere(shop):
    arrived(shop, 5, ago=1, name="New")
    arrived(shop, 10, ago=1, result=Result.REJECTED)
    assert [(flow.topic, flow.per_minute) for flow in flows(now=NOW)] == [
        ("events.other", 1.0), ("rejections", 2.0),
    ]  # fmt: skip


def test_a_source_that_was_quiet_for_an_hour_is_not_shown(shop):
    arrived(shop, 5, ago=61)
    assert flows(now=NOW) == []
