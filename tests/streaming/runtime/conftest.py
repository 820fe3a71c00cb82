"""Workers on a database and a log of the test's own."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog
from streaming.runtime.consumer import Consumer
from streaming.runtime.worker import Worker
from tests.conftest import Database
from tests.streaming.contract.subject import Subject, eventually
from tests.streaming.runtime.counting import OUTPUT, Counting, create_effects, new_worker

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

    def close(self) -> None:
        for running in self._running:
            running.worker.stop()
        for running in self._running:
            running.join()


def _pipeline(database: Database, log: EventLog, address: str) -> Iterator[Pipeline]:
    pipeline = Pipeline(database, log, address)
    try:
        yield pipeline
    finally:
        pipeline.close()
        log.close()


@pytest.fixture
def pipeline(fresh_database: Database) -> Iterator[Pipeline]:
    """On the PostgreSQL log."""
    yield from _pipeline(fresh_database, PostgresLog(fresh_database.conninfo), fresh_database.conninfo)
