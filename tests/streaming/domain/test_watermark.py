from datetime import UTC, datetime, timedelta

import pytest

from streaming import registry
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.domain import upstream
from streaming.domain.upstream import Waiting
from streaming.domain.watermark import watermark
from streaming.postgres.log import PostgresLog
from streaming.runtime.consumer import Batch, Consumer

TOPIC = "watermarks.a"


class Marked(Consumer):
    name = "marked"
    topics = (TOPIC,)

    def process(self, batch: Batch) -> None: ...


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setattr(registry, "_consumers", {"marked": Marked})


@pytest.fixture
def log(fresh_database):
    made = PostgresLog(fresh_database.conninfo)
    made.create_topics([TopicSpec(TOPIC, 2)])
    yield made
    made.close()


@pytest.fixture
def waiting(monkeypatch) -> list[Waiting]:
    found: list[Waiting] = []
    monkeypatch.setattr(upstream, "_upstreams", {"test": lambda _now: list(found)})
    return found


def read_up_to(database, offset: int, partition: int = 0) -> None:
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)"
            " VALUES ('marked', %s, %s, %s, '', 0) ON CONFLICT (consumer, topic, partition)"
            " DO UPDATE SET next_offset = excluded.next_offset",
            [TOPIC, partition, offset],
        )


def append(log: PostgresLog, partition: int) -> datetime:
    log.append([NewRecord(TOPIC, None, b"x", (), partition)])
    return log.tail([TopicPartition(TOPIC, partition)], 1)[0].appended_at


def test_a_consumer_that_has_caught_up_is_at_the_time_of_the_look(fresh_database, log, waiting):
    append(log, 0)
    read_up_to(fresh_database, 1)
    now = datetime.now(UTC)
    assert watermark("marked", log=log, now=now) == (now, "")


def test_the_next_unread_record_of_any_partition_holds_it(fresh_database, log, waiting):
    append(log, 0)
    unread, _ = append(log, 0), append(log, 0)
    append(log, 1)
    read_up_to(fresh_database, 1, partition=0)
    read_up_to(fresh_database, 1, partition=1)
    mark = watermark("marked", log=log, now=datetime.now(UTC))
    assert mark.at == unread
    assert f"{TOPIC}/0" in mark.held_by


def test_a_partition_that_was_never_read_holds_it_at_its_first_record(fresh_database, log, waiting):
    first = append(log, 1)
    assert watermark("marked", log=log, now=datetime.now(UTC)).at == first


def test_what_waits_in_a_spool_holds_it_even_when_all_is_read(fresh_database, log, waiting):
    now = datetime.now(UTC)
    since = now - timedelta(minutes=5)
    waiting.append(Waiting(since, 3, "3 events wait in the spool of web-1"))
    assert watermark("marked", log=log, now=now) == (since, "3 events wait in the spool of web-1")
