"""Workers on a database and a log of the test's own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from streaming.runtime.consumer import Consumer
from streaming.runtime.failpoints import VARIABLE
from streaming.runtime.worker import Worker
from tests.conftest import ROOT, Database
from tests.kafka_cluster import KafkaCluster
from tests.streaming.contract.subject import Subject
from tests.streaming.runtime.counting import OUTPUT, Counting, create_effects, new_worker
from tests.waiting import eventually

TOPIC = "numbers.a"


class Running:
    """A worker on a thread of the test's process."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.worker.run()
        except BaseException as error:  # noqa: BLE001 -- the test looks at it
            self.error = error

    def stop(self) -> None:
        self.worker.stop()
        self.join()

    def join(self, seconds: float = 60) -> None:
        self.thread.join(seconds)
        assert not self.thread.is_alive(), "the worker does not end"


class Pipeline:
    """A log with the topic `numbers.a`, and what became of its records."""

    def __init__(self, database: Database, log: EventLog, address: str) -> None:
        self.database, self.log, self.address = database, log, address
        self._running: list[Running] = []
        create_effects(database.conninfo)

    def topic(self, name: str = TOPIC, partitions: int = 2) -> str:
        self.log.create_topics([TopicSpec(name, partitions)])
        return name

    def append(self, values: list[str], topic: str = TOPIC, partition: int | None = None) -> None:
        self.log.append(
            [
                NewRecord(topic, str(n).encode(), value.encode(), (), partition)
                for n, value in enumerate(values)
            ]
        )

    def start(self, consumer: Consumer | None = None, **given: Any) -> Running:
        worker = new_worker(self.database.conninfo, self.log, consumer or Counting(), **given)
        self._running.append(Running(worker))
        return self._running[-1]

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.database.connect(autocommit=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def effects(self) -> list[str]:
        return sorted(value for (value,) in self.rows("SELECT value FROM effect"))

    def dead_letters(self) -> list[tuple[str, str]]:
        found = self.rows("SELECT value, reason FROM dead_letter ORDER BY id")
        return [(bytes(value).decode(), reason) for value, reason in found]

    def published(self, topic: str = OUTPUT) -> list[str]:
        return sorted((record.value or b"").decode() for record in Subject(self.log).read_topic(topic))

    def positions(self, consumer: str = "counting") -> dict[TopicPartition, int]:
        query = "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = %s"
        return {TopicPartition(topic, number): offset for topic, number, offset in self.rows(query, consumer)}

    def wait_for_effects(self, values: list[str], seconds: float = 30) -> None:
        eventually(lambda: len(self.effects()) >= len(values), f"{len(values)} effects", seconds)
        assert self.effects() == sorted(values)

    def process(self, *options: str, failpoints: str = "") -> subprocess.Popen[str]:
        """A worker in a process of its own; see tests.streaming.runtime.counting."""
        module = "tests.streaming.runtime.counting"
        return subprocess.Popen(
            [sys.executable, "-m", module, self.database.conninfo, self.address, *options],
            cwd=ROOT, env={**os.environ, VARIABLE: failpoints}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        for running in self._running:
            running.worker.stop()
        for running in self._running:
            running.join()


def new_pipeline(database: Database, log: EventLog, address: str) -> Iterator[Pipeline]:
    pipeline = Pipeline(database, log, address)
    try:
        yield pipeline
    finally:
        pipeline.close()
        log.close()


@pytest.fixture
def pipeline(clean_database: Database) -> Iterator[Pipeline]:
    """On the PostgreSQL log."""
    yield from new_pipeline(clean_database, PostgresLog(clean_database.conninfo), clean_database.conninfo)


@pytest.fixture
def kafka(clean_database: Database, kafka_cluster: KafkaCluster) -> Iterator[Pipeline]:
    """On Kafka, with topics of the usual names that no test before left anything in."""
    log = KafkaLog.of_url(kafka_cluster.url)
    for name in log.topics():
        if name.startswith(("numbers.", OUTPUT, "retry.", "dead_letters.")):
            log.delete_topic(name)
    yield from new_pipeline(clean_database, log, kafka_cluster.url)
