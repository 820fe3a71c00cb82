"""Deleting days and topics of the PostgreSQL log: wholly or not at all, and nothing is left behind."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming.contracts.log import LogError
from streaming.contracts.records import TopicPartition, TopicSpec
from streaming.postgres.days import KEPT, day_of, table_of
from tests.streaming.contract.subject import Subject, numbered, numbers

MINUTE = 60
COUNT = "SELECT count(*) FROM log_record"


def test_a_day_that_cannot_be_dropped_stays_in_the_log_and_goes_later(subject: Subject, session):
    topic = subject.topic(retention_seconds=MINUTE)
    subject.log.append(numbered(topic, 5))
    today = table_of(day_of(datetime.now(UTC)))
    session.execute(f"CREATE VIEW holds_on AS SELECT FROM {today}")
    with pytest.raises(LogError):
        subject.let_go(timedelta(days=40))
    assert session.execute(COUNT).fetchone() == (5,)
    session.execute("DROP VIEW holds_on")
    subject.let_go(timedelta(days=40))
    assert session.execute("SELECT to_regclass(%s)", [today]).fetchone() == (None,)


def test_a_topic_goes_with_its_records_or_not_at_all(subject: Subject, session):
    topic, other = subject.topic(), subject.topic()
    subject.log.append([*numbered(topic, 5), *numbered(other, 3)])
    session.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER refuse BEFORE DELETE ON log_record FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with pytest.raises(LogError):
        subject.log.delete_topic(topic)
    assert numbers(subject.read_topic(topic)) == list(range(5))
    session.execute("DROP TRIGGER refuse ON log_record")
    subject.log.delete_topic(topic)
    assert session.execute(COUNT).fetchone() == (3,)


def test_records_that_were_to_be_kept_for_ever_go_once_the_topic_has_a_retention(subject: Subject, session):
    topic = subject.topic(retention_seconds=None)
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 5))
    assert session.execute(f"SELECT count(*) FROM {table_of(KEPT)}").fetchone() == (5,)
    subject.log.alter(TopicSpec(topic, 1, retention_seconds=MINUTE))
    subject.let_go()
    assert numbers(subject.read_topic(topic)) == list(range(5)), "young records stay"
    subject.let_go(timedelta(seconds=2 * MINUTE))
    assert subject.log.bounds([place])[place] == (5, 5)
    assert session.execute(COUNT).fetchone() == (0,)
    subject.log.append(numbered(topic, 1, first=5))
    assert numbers(subject.read_topic(topic)) == [5]
