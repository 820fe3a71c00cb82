"""Offsets of the PostgreSQL log follow each other, whichever of the two ways of appending a group takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.committer import AT_ONCE, BYTES_AT_ONCE
from streaming.postgres.days import KEPT, create_day, day_of, table_of
from tests.streaming.contract.subject import Subject, numbered, numbers

DAY = 24 * 60 * 60
MANY = AT_ONCE + 1
OFFSETS = 'SELECT day, "offset" FROM log_record ORDER BY "offset"'
YESTERDAY = day_of(datetime.now(UTC) - timedelta(days=1))


def offsets(session: psycopg.Connection[Any]) -> list[int]:
    return [offset for _, offset in session.execute(OFFSETS)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([1, 2, 7, AT_ONCE, MANY, 3 * MANY]), min_size=1, max_size=6))
def test_groups_of_every_size_follow_each_other(subject: Subject, sizes):
    topic, first = subject.topic(partitions=1), 0
    for size in sizes:
        subject.log.append(numbered(topic, size, first=first))
        first += size
    records = subject.read_topic(topic)
    assert numbers(records) == list(range(first))
    assert [record.offset for record in records] == list(range(first))


@pytest.mark.parametrize("size", [1, MANY])
def test_a_topic_that_becomes_kept_goes_on_where_its_former_days_end(subject: Subject, session, size):
    topic = subject.topic(retention_seconds=DAY)
    subject.log.append(numbered(topic, 5))
    create_day(session, YESTERDAY)
    session.execute("UPDATE log_record SET day = %s", [YESTERDAY])
    subject.log.alter(TopicSpec(topic, 1, retention_seconds=None))
    subject.log.append(numbered(topic, size, first=5))
    assert offsets(session) == list(range(5 + size))
    assert session.execute(f"SELECT count(*) FROM {table_of(KEPT)}").fetchone() == (5 + size,)


@pytest.mark.parametrize("size", [1, MANY])
def test_a_kept_topic_that_gets_a_retention_goes_on_where_it_was(subject: Subject, session, size):
    topic = subject.topic(retention_seconds=None)
    subject.log.append(numbered(topic, 5))
    subject.log.alter(TopicSpec(topic, 1, retention_seconds=DAY))
    subject.log.append(numbered(topic, 3, first=5))
    session.execute("UPDATE log_record SET day = %s WHERE day <> %s", [_made(session, YESTERDAY), KEPT])
    subject.log.append(numbered(topic, size, first=8))
    assert offsets(session) == list(range(8 + size))


@pytest.mark.parametrize("size", [1, MANY])
def test_a_topic_that_another_process_deleted_is_not_written_to(subject: Subject, session, size):
    topic = subject.topic()
    subject.log.append(numbered(topic, 1))
    session.execute("DELETE FROM log_record; DELETE FROM log_floor; DELETE FROM log_topic")
    with pytest.raises(UnknownTopic):
        subject.log.append(numbered(topic, size))
    assert offsets(session) == []


@pytest.mark.parametrize("size", [1, MANY])
def test_the_database_is_in_a_day_whose_table_this_process_did_not_make(subject: Subject, session, size):
    topic = subject.topic(retention_seconds=DAY)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=5)):
        subject.log.append(numbered(topic, size))
        subject.log.append(numbered(topic, 1, first=size))
    assert offsets(session) == list(range(size + 1))


def test_few_but_large_records_are_taken(subject: Subject):
    topic = subject.topic()
    size = BYTES_AT_ONCE // 3
    subject.log.append([NewRecord(topic, b"k", bytes([number]) * size) for number in range(4)])
    assert [len(record.value or b"") for record in subject.read_topic(topic)] == [size] * 4


def _made(session: psycopg.Connection[Any], day: int) -> int:
    create_day(session, day)
    return day
