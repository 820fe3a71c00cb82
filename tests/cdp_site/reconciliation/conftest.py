"""A pipeline to reconcile: a log with topics of events, the profile builder under the runtime, a spool."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from cdp_site.models import Reconciliation, ReconciliationFinding
from cdp_site.reconciliation import jobs, queries
from cdp_site.reconciliation.queries import Place, Totals
from compliance.access import Actor
from ingestion.models import CollectorProcess
from profiles.builder.consumer import ProfileBuilder
from streaming.contracts.events import encode_event, record_key
from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from streaming.runtime import message_seen
from streaming.runtime.consumer import Consumer
from tests.conftest import Database
from tests.profiles.builder.driver import event
from tests.streaming.runtime.conftest import Running
from tests.streaming.runtime.counting import new_worker
from tests.waiting import eventually

BY = Actor.system("test")
TOPIC = "events.page_viewed"


def fresh_event(**fields: Any) -> Any:
    """An event that is received now."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    return event(**{"received_at": now, "message_id": f"m-{uuid.uuid4().hex[:12]}", **fields})


def record_of(content: Any, topic: str = TOPIC, partition: int | None = None) -> NewRecord:
    """The record of an event, as the collector makes it, or of bytes that are none."""
    if isinstance(content, bytes):
        return NewRecord(topic, b"", content, (), partition)
    key = record_key(content["anonymous_id"], content["user_id"])
    return NewRecord(topic, key, encode_event(content), (), partition)


class Pipeline:
    """The builder on a log; what it holds and has done can be changed behind its back."""

    def __init__(self, database: Database, log: EventLog, home: Path) -> None:
        self.database, self.log, self.spool = database, log, home / "spool"
        self.running: list[Running] = []
        log.create_topics([TopicSpec(TOPIC, 2), TopicSpec("rejections", 1)])

    def append(self, *events: Any, partition: int = 0, topic: str = TOPIC) -> None:
        self.log.append([record_of(each, topic, partition) for each in events])

    def build(self) -> None:
        """Have the builder apply all there is, and stop."""
        self.start()
        self.wait()
        self.stop()

    def start(self, consumer: Consumer | None = None) -> None:
        builder = ProfileBuilder(connect=lambda: self.database.connect(autocommit=True))
        self.running.append(Running(new_worker(self.database.conninfo, self.log, consumer or builder)))

    def wait(self) -> None:
        eventually(self._has_caught_up, "the builder to catch up")

    def _has_caught_up(self) -> bool:
        failed = [each.error for each in self.running if each.error]
        assert not failed, failed
        places = [
            TopicPartition(topic, number)
            for topic, count in self.log.topics().items()
            if topic.startswith(("events.", "retry.profiles"))
            for number in range(count)
        ]
        ends = {place: each.end for place, each in self.log.bounds(places).items() if each.end}
        rows = self.rows(
            "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = 'profiles'"
        )
        at = {TopicPartition(topic, number): offset for topic, number, offset in rows}
        sent = self.rows("SELECT count(*) FROM outbox_record") == [(0,)]
        return sent and all(at.get(place, 0) >= end for place, end in ends.items())

    def stop(self) -> None:
        for running in self.running:
            running.stop()
        self.running.clear()

    def rows(self, query: Any, *parameters: object) -> list[tuple[Any, ...]]:
        with self.database.connect(autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def forget(self, message_id: str) -> None:
        """Delete a message from `message_seen`."""
        with self.database.connect(autocommit=True) as connection:
            for table in message_seen.kept_tables(connection):
                statement = sql.SQL("DELETE FROM {} WHERE hash = md5(%s)::uuid").format(table)
                connection.execute(statement, [message_id])

    def reconcile(self) -> Reconciliation:
        asked = jobs.ask(by=BY, now=datetime.now(UTC))
        jobs.perform(asked.pk, by=BY, log=self.log, clock=lambda: datetime.now(UTC))
        asked.refresh_from_db()
        return asked

    def close(self) -> None:
        self.stop()
        self.log.close()


def found(run: Reconciliation) -> list[tuple[str, str]]:
    return [(each.message_id, each.kind) for each in queries.findings(run, Place(), by=BY)]


def named(run: Reconciliation) -> ReconciliationFinding:
    [only] = queries.findings(run, Place(), by=BY)
    return only


def totals(run: Reconciliation) -> Totals:
    return queries.totals(run, by=BY)


@pytest.fixture
def pipeline(fresh_database, tmp_path, settings) -> Iterator[Pipeline]:
    """On the PostgreSQL log."""
    settings.HEADWATER_HOME = tmp_path
    made = Pipeline(fresh_database, PostgresLog(fresh_database.conninfo), tmp_path)
    yield made
    made.close()


@pytest.fixture
def on_kafka(fresh_database, tmp_path, settings, kafka_cluster) -> Iterator[Pipeline]:
    """On Kafka, empty of Headwater's topics before and after."""
    settings.HEADWATER_HOME = tmp_path
    log = KafkaLog.of_url(kafka_cluster.url)
    _clear(log)
    made = Pipeline(fresh_database, log, tmp_path)
    yield made
    made.stop()
    _clear(log)
    log.close()


def _clear(log: EventLog) -> None:
    for topic in log.topics():
        if topic.startswith(("events.", "profiles.", "rejections", "dead_letters.", "retry.")):
            log.delete_topic(topic)


def spooled_on(host: str, records: int) -> None:
    """Have a live collector of this host say that it holds so many events."""
    now = datetime.now(UTC)
    CollectorProcess.objects.create(
        name=f"{host}-1", host=host, pid=1, started_at=now, heartbeat_at=now, spooled_records=records,
        oldest_spooled_at=now - timedelta(minutes=2),
    )  # fmt: skip


@pytest.fixture
def three(pipeline):
    """Three events that were applied, of which the middle one is lost somewhere; its id."""
    events = [fresh_event(user_id=f"u{number}") for number in range(3)]
    pipeline.append(*events)
    pipeline.build()
    assert found(pipeline.reconcile()) == []
    return events[1]["message_id"]
