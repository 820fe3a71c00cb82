"""A server that takes no writes any more goes on answering: everybody leaves it all the same."""

from collections.abc import Iterator

import psycopg
import pytest

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog
from streaming.runtime.sessions import is_not_now, is_of_no_use
from tests.waiting import eventually

TOPIC = "written"
MAKE_READ_ONLY = "SET default_transaction_read_only = on"


@pytest.fixture
def log(clean_database) -> Iterator[PostgresLog]:
    made = PostgresLog(clean_database.conninfo)
    made.create_topics([TopicSpec(TOPIC, 1)])
    yield made
    made.close()


def test_the_log_writes_elsewhere_after_one_refusal(log):
    log.append([NewRecord(TOPIC, b"k", b"1")])
    log._committer._connection.execute(MAKE_READ_ONLY)
    with pytest.raises(LogUnavailable, match="read-only"):
        log.append([NewRecord(TOPIC, b"k", b"2")])
    log.append([NewRecord(TOPIC, b"k", b"3")])
    assert [record.value for record in log.tail([TopicPartition(TOPIC, 0)], 10)] == [b"1", b"3"]


def test_a_reader_without_news_asks_elsewhere(log):
    reader = log.reader()
    reader.assign({TopicPartition(TOPIC, 0): 0})
    reader.poll(10, 0.1)
    former = reader._connection
    former.execute(MAKE_READ_ONLY)
    eventually(lambda: reader.poll(10, 0.1) or reader._connection is not former, seconds=10)
    assert former.closed
    log.append([NewRecord(TOPIC, b"k", b"1")])
    assert eventually(lambda: reader.poll(10, 0.1))[0].value == b"1"
    reader.close()


def test_readers_are_woken_from_elsewhere(log):
    log.append([NewRecord(TOPIC, b"k", b"1")])
    former = eventually(lambda: log._announcer._connection)
    former.execute(MAKE_READ_ONLY)
    log.append([NewRecord(TOPIC, b"k", b"2")])
    eventually(lambda: former.closed and log._announcer._connection is not former)


def test_a_refused_write_is_tried_on_another_session(clean_database):
    with clean_database.connect() as session:
        session.execute(MAKE_READ_ONLY)
        session.commit()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as refused:
            session.execute("CREATE TABLE x ()")
        assert is_not_now(refused.value)
        assert is_of_no_use(session, refused.value)
        assert not is_of_no_use(session, psycopg.errors.DeadlockDetected())
        session.rollback()
