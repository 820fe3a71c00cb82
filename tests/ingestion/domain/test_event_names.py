"""Names of events and their topics: made by the controller, distinct, and bounded per source."""

import re
from datetime import timedelta

import pytest

from ingestion.domain import event_names
from ingestion.domain.event_names import (
    create_event_topics,
    ensure_base_topics,
    load_event_topics,
    record_names,
    topic_name,
)
from ingestion.domain.sources import create_source
from ingestion.models import EventName
from streaming.memory.log import MemoryLog
from tests.ingestion.domain.conftest import BY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


def seen(source, *names, later=0):
    record_names([(source.pk, *name) for name in names], now=NOW + timedelta(seconds=later))


def test_each_name_gets_its_topic(source, log):
    seen(source, ("track", "Order Completed"), ("identify", "identify"), ("page", "page"))
    assert load_event_topics().topic_of("track", "Order Completed") == "events.other"
    made = create_event_topics(log)
    assert sorted(made) == ["events.identify", "events.order_completed", "events.page"]
    assert set(made) <= log.topics().keys()
    topics = load_event_topics()
    assert topics.topic_of("track", "Order Completed") == "events.order_completed"
    assert topics.topic_of("identify", None) == "events.identify"
    assert topics.topic_of("track", "Never Seen") == "events.other"


def test_the_controller_can_run_at_any_time_again(source, log):
    seen(source, ("track", "A"))
    assert create_event_topics(log) == ["events.a"]
    assert create_event_topics(log) == []
    seen(source, ("track", "A"), ("track", "B"), later=5)
    assert create_event_topics(log) == ["events.b"]
    assert EventName.objects.get(name="A").first_seen_at == NOW


def test_names_with_one_slug_get_topics_of_their_own(source, log):
    names = [
        "Order Completed",
        "order completed",
        "Order-Completed",
        "注文",
        "購入",
        "identify",
        "Other",
        "!!",
    ]
    seen(source, *(("track", name) for name in names))
    create_event_topics(log)
    topics = dict(EventName.objects.values_list("name", "topic"))
    assert len(set(topics.values())) == len(names)
    assert "events.order_completed" in topics.values()
    assert all(re.fullmatch(r"events\.[a-z0-9_]{1,113}", str(topic)) for topic in topics.values())
    assert topics["identify"] != "events.identify"
    assert topics["Other"] != "events.other"


def test_a_name_that_was_taken_meanwhile_waits_for_the_next_run(source, log, monkeypatch):
    seen(source, ("track", "A"))
    monkeypatch.setattr(event_names, "topic_name", lambda *_: "events.raced")
    EventName.objects.create(
        type="track", name="R", topic="events.raced", source=source, first_seen_at=NOW, last_seen_at=NOW
    )
    assert create_event_topics(log) == []
    monkeypatch.undo()
    assert create_event_topics(log) == ["events.a"]


def test_a_source_that_invents_names_fills_its_own_room_only(source, log, monkeypatch):
    monkeypatch.setattr(event_names, "MAX_NAMES_PER_SOURCE", 20)
    monkeypatch.setattr(event_names, "MAX_TOPICS_PER_SOURCE", 10)
    other = create_source(name="app", by=BY, now=NOW)
    seen(source, *(("track", f"N{number:02}") for number in range(30)))
    seen(other, ("track", "Fine"), later=1)
    assert EventName.objects.filter(source=source).count() == 20
    create_event_topics(log)
    create_event_topics(log)
    assert EventName.objects.exclude(topic=None).filter(source=source).count() == 10
    assert load_event_topics().topic_of("track", "Fine") == "events.fine"
    topics = load_event_topics()
    assert topics.topic_of("track", "N15") == "events.other"
    assert topics.knows("track", "N15"), "it is not reported as new again"
    assert not topics.knows("track", "N25")


def test_types_other_than_tracks_have_room_at_all_times(source, log, monkeypatch):
    monkeypatch.setattr(event_names, "MAX_TOPICS_PER_SOURCE", 0)
    seen(source, ("track", "A"), ("track", "B"), ("identify", "identify"), ("page", "page"))
    assert sorted(create_event_topics(log)) == ["events.identify", "events.page"]


def test_the_topics_that_a_collector_needs_are_made_once(log):
    ensure_base_topics(log)
    ensure_base_topics(log)
    assert log.topics()["rejections"] == 1
    assert "events.other" in log.topics()


@pytest.mark.parametrize(
    ("name", "taken", "topic"),
    [("Order Completed", (), "events.order_completed"), ("X" * 200, (), "events." + "x" * 80)],
)
def test_plain_topic_names(name, taken, topic):
    assert topic_name("track", name, taken) == topic
