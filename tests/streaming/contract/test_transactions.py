"""The log in PostgreSQL as part of the transaction that has the effects, and what its rules are there for."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from streaming.contracts.log import LogError, OffsetOutOfRange, TransactionalLog, UnknownTopic
from streaming.contracts.records import Record, TopicPartition
from streaming.postgres.days import day_of, existing_days, table_of
from streaming.postgres.log import PostgresLog
from tests.streaming.contract.subject import Subject, numbered, numbers, taken
from tests.waiting import eventually


@pytest.fixture
def connect(postgres: Subject):
    """Sessions of the test's own."""
    opened: list[psycopg.Connection] = []

    def open_one(**options) -> psycopg.Connection:
        assert postgres.address is not None
        opened.append(psycopg.connect(postgres.address, **options))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def log(postgres: Subject) -> PostgresLog:
    assert isinstance(postgres.log, PostgresLog)
    assert isinstance(postgres.log, TransactionalLog)
    return postgres.log


def test_records_appear_with_the_commit_and_never_after_a_rollback(postgres, log, connect):
    topic = postgres.topic()
    place = TopicPartition(topic, 0)
    connection = connect()
    log.append_within(connection, numbered(topic, 3))
    assert log.bounds([place])[place].end == 0
    connection.rollback()
    assert log.bounds([place])[place].end == 0
    log.append_within(connection, numbered(topic, 2, first=7))
    connection.commit()
    assert numbers(postgres.read_topic(topic)) == [7, 8]


def test_a_reader_never_passes_an_append_that_is_not_committed(postgres, log, connect):
    """Whoever comes later waits for it, so that no offset above it can be seen first."""
    topic = postgres.topic()
    connection = connect()
    with postgres.reading({TopicPartition(topic, 0): 0}) as reader:
        log.append_within(connection, numbered(topic, 5))
        later = threading.Thread(target=log.append, args=[numbered(topic, 5, first=5)])
        later.start()
        assert reader.poll(100, 0.5) == []
        connection.commit()
        later.join(30)
        seen: list[Record] = []
        eventually(lambda: len(taken(seen, reader)) >= 10, "both appends")
    assert numbers(seen) == list(range(10))


def test_a_session_that_dies_with_an_append_open_lets_the_others_go_on(postgres, log, connect):
    topic = postgres.topic()
    connection = connect()
    log.append_within(connection, numbered(topic, 5))
    future = log.submit(numbered(topic, 1, first=100))
    with connect(autocommit=True) as killer:
        killer.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
    future.result(20)
    assert numbers(postgres.read_topic(topic)) == [100]


@pytest.mark.parametrize(
    "level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE]
)
def test_other_isolation_levels_are_refused(postgres, log, connect, level):
    """An older snapshot would not see what was appended before the lock was given, and number it again."""
    connection = connect()
    connection.isolation_level = level
    topic = postgres.topic()
    with pytest.raises(LogError, match="READ COMMITTED only"):
        log.append_within(connection, numbered(topic, 1))


def test_concurrent_transactions_number_every_record_once(postgres, log, connect):
    topic, workers, each = postgres.topic(partitions=2), 6, 25

    def work(worker: int) -> None:
        with connect() as connection:
            for number in range(each):
                log.append_within(
                    connection, numbered(topic, 3, b"%d" % (number % 5), first=worker * 1000 + number)
                )
                connection.commit()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    records = postgres.read_topic(topic)
    places = [(record.partition, record.offset) for record in records]
    assert len(places) == len(set(places)) == workers * each * 3
    for partition in range(2):
        assert [offset for number, offset in places if number == partition] == list(
            range(sum(number == partition for number, _ in places))
        )


def test_an_unknown_topic_leaves_the_transaction_usable(postgres, log, connect):
    connection = connect()
    with pytest.raises(UnknownTopic):
        log.append_within(connection, numbered("no.such.topic", 1))
    topic = postgres.topic()
    log.append_within(connection, numbered(topic, 1))
    connection.commit()
    assert numbers(postgres.read_topic(topic)) == [0]


def test_an_announcement_wakes_a_reader_of_another_process(postgres, log, connect):
    topic = postgres.topic()
    connection = connect()
    with postgres.reading({TopicPartition(topic, 0): 0}) as reader:
        assert reader.poll(10, 0.1) == []
        log.append_within(connection, numbered(topic, 1))
        connection.commit()
        log.announce()
        started = datetime.now(UTC)
        assert numbers(reader.poll(10, 10)) == [0]
        assert datetime.now(UTC) - started < timedelta(seconds=0.9), "sooner than it would look by itself"


def test_the_day_changes_while_records_are_appended(postgres, log, connect, monkeypatch):
    """Days never fall within a partition, whatever the clock of the process says, and whole days are let go."""
    topic = postgres.topic(retention_seconds=3600)
    place = TopicPartition(topic, 0)
    log.append(numbered(topic, 5))
    with connect(autocommit=True) as session:
        tomorrow = day_of(datetime.now(UTC) + timedelta(days=1))
        assert tomorrow in existing_days(session), "its table is there before the day begins"
        session.execute(
            f"UPDATE log_record SET day = {tomorrow} WHERE topic_id = (SELECT id FROM log_topic WHERE name = %s) "
            'AND "offset" = 4',
            [topic],
        )
        log.append(numbered(topic, 5, first=5))
        days = session.execute(
            'SELECT "offset", day FROM log_record WHERE topic_id = (SELECT id FROM log_topic WHERE name = %s) '
            'ORDER BY "offset"',
            [topic],
        ).fetchall()
    assert [day for _, day in days] == sorted(day for _, day in days)
    assert days[-1] == (9, tomorrow)
    assert numbers(postgres.read({place: 0})) == list(range(10))


def test_a_dropped_day_raises_the_floor_so_that_no_offset_returns(fresh_database):
    log = PostgresLog(fresh_database.conninfo)
    subject = Subject(log, fresh_database.conninfo)
    topic = subject.topic(retention_seconds=60)
    place = TopicPartition(topic, 0)
    log.append(numbered(topic, 20))
    with psycopg.connect(fresh_database.conninfo, autocommit=True) as session:
        today = day_of(datetime.now(UTC))
        subject.let_go(timedelta(days=40))
        assert session.execute("SELECT to_regclass(%s)", [table_of(today)]).fetchone() == (None,)
    assert log.bounds([place])[place] == (20, 20)
    with subject.reading({place: 5}) as reader, pytest.raises(OffsetOutOfRange):
        reader.poll(10, 5)
    PostgresLog(fresh_database.conninfo).append(numbered(topic, 1, first=20))
    assert [record.offset for record in subject.read_topic(topic)] == [20]
    log.close()
