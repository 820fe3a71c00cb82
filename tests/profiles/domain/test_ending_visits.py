"""Visits end by the clock of the pipeline: only up to where everything that was accepted has been applied."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from profiles.domain import ending_visits
from profiles.domain.ending_visits import end_visits
from profiles.models import Session, SessionClock
from streaming.contracts.combined import SESSIONS_TOPIC, decode_combined
from streaming.contracts.log import EventLog
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.domain import upstream
from streaming.domain.upstream import Waiting
from streaming.postgres.log import PostgresLog
from tests.profiles.sessions.driver import Pipeline, end, seen

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)  # an hour after START
TOPICS = ("events.page_viewed", EVENTS_TOPIC)


@pytest.fixture
def log(fresh_database, monkeypatch) -> Iterator[EventLog]:
    made = PostgresLog(fresh_database.conninfo)
    made.create_topics([TopicSpec(topic, 1) for topic in (*TOPICS, SESSIONS_TOPIC)])
    monkeypatch.setattr(ending_visits, "event_log", lambda: made)
    monkeypatch.setattr("streaming.domain.publishing.event_log", lambda: made)
    monkeypatch.setattr(upstream, "_upstreams", {})
    yield made
    made.close()


@pytest.fixture
def pipeline(fresh_database, log) -> Iterator[Pipeline]:
    made = Pipeline(fresh_database)
    made.send(seen(0), seen(50))
    yield made
    made.stop()


def told(log: EventLog) -> list[tuple[str, str]]:
    """What the job published: when each visit began, and its state."""
    records = [decode_combined(each.value) for each in log.tail([TopicPartition(SESSIONS_TOPIC, 0)], 10)]
    return [(each["value"]["started_at"][11:16], each["value"]["state"]) for each in records]


def read(database, consumer: str, topic: str, offset: int) -> None:
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)"
            " VALUES (%s, %s, 0, %s, '', 0) ON CONFLICT (consumer, topic, partition)"
            " DO UPDATE SET next_offset = excluded.next_offset",
            [consumer, topic, offset],
        )


def test_what_the_timeout_has_passed_for_ends_and_is_told_once(pipeline, log):
    end_visits(now=NOW)
    end_visits(now=NOW)
    assert told(log) == [("12:00", "ended")]
    assert Session.objects.order_by("first_at").values_list("due_at", flat=True)[0] is None
    end_visits(now=NOW + timedelta(minutes=21))
    assert told(log) == [("12:00", "ended"), ("12:50", "ended")]


def test_an_event_since_then_lengthens_the_time_of_a_visit(pipeline, log):
    pipeline.send(seen(75))
    assert end_visits(now=NOW + timedelta(minutes=40)) == 2
    assert told(log) == [("12:00", "ended")]
    end_visits(now=NOW + timedelta(minutes=46))
    assert told(log) == [("12:00", "ended"), ("12:50", "ended")]


def test_what_waits_in_a_spool_holds_the_clock(pipeline, log, monkeypatch):
    held = [Waiting(NOW - timedelta(hours=1), 1, "a spool")]
    monkeypatch.setattr(upstream, "_upstreams", {"test": lambda _now: held})
    end_visits(now=NOW)
    assert told(log) == []
    held.clear()
    end_visits(now=NOW)
    assert told(log) == [("12:00", "ended")]


def test_what_the_builder_published_must_be_read_first(pipeline, log, fresh_database):
    log.append([NewRecord(EVENTS_TOPIC, b"k", b"{}", (), 0)])
    assert end_visits(now=NOW) == 0
    assert SessionClock.objects.get().waiting is not None
    assert told(log) == []
    [bounds] = log.bounds([TopicPartition(EVENTS_TOPIC, 0)]).values()
    read(fresh_database, "sessions", EVENTS_TOPIC, bounds.end)
    end_visits(now=NOW)
    assert told(log) == [("12:00", "ended")]


def test_a_topic_that_was_made_anew_is_not_waited_for_up_to_where_the_former_one_ended(
    pipeline, log, fresh_database
):
    log.append([NewRecord(EVENTS_TOPIC, b"k", b"{}", (), 0)] * 5)
    end_visits(now=NOW)
    assert SessionClock.objects.get().waiting is not None
    log.delete_topic(EVENTS_TOPIC)
    end_visits(now=NOW)
    log.create_topics([TopicSpec(EVENTS_TOPIC, 1)])
    log.append([NewRecord(EVENTS_TOPIC, b"k", b"{}", (), 0)])
    end_visits(now=NOW)
    assert told(log) == [], "what the new one holds is not read yet"
    read(fresh_database, "sessions", EVENTS_TOPIC, 1)
    end_visits(now=NOW)
    assert told(log) == [("12:00", "ended")]


def test_what_waits_in_the_outbox_must_be_sent_first(pipeline, log, fresh_database):
    with fresh_database.connect() as connection:
        connection.execute(
            "INSERT INTO outbox_lane (name, consumer, last_number) VALUES ('l', 'profiles', 7)"
        )
        connection.execute(
            "INSERT INTO outbox_record (lane, number, incarnation, predecessor, topic, partition, headers)"
            " SELECT id, 7, 1, 0, 'profiles.events', 0, '' FROM outbox_lane"
        )
    assert end_visits(now=NOW) == 0
    with fresh_database.connect() as connection:
        connection.execute("DELETE FROM outbox_record")
    end_visits(now=NOW)
    assert told(log) == [("12:00", "ended")]


def test_a_visit_that_ended_by_a_mark_is_not_told_again(pipeline, log):
    pipeline.send(end(51))
    end_visits(now=NOW + timedelta(days=1))
    assert told(log) == [("12:00", "ended")]
