"""The sender of a worker, on a log that refuses some topics."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import psycopg

from streaming.contracts.log import LogError
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.memory.log import MemoryLog
from streaming.runtime import workers
from streaming.runtime.outbox.sender import LaneSender
from streaming.runtime.outbox.writing import Lane, Targets, write
from streaming.runtime.progress import WorkerState
from streaming.runtime.timing import Timing
from streaming.runtime.workers import Report, WorkerIdentity
from tests.conftest import Database
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually


class Refusing(MemoryLog):
    """Takes nothing for the topic `refused`."""

    def lane_producer(self) -> "Refusing":
        return self

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        if any(record.topic == "refused" for record in records):
            failed: Future[None] = Future()
            failed.set_exception(LogError("the topic 'refused' takes nothing"))
            return failed
        return super().submit(records)


def test_a_lane_that_the_log_refuses_keeps_no_other_lane_back_and_says_why(clean_database: Database):
    def connect(*, autocommit: bool, application_name: str) -> psycopg.Connection[Any]:
        return clean_database.connect(autocommit=autocommit, application_name=application_name)

    log, said = Refusing(), list[str]()
    log.create_topics([TopicSpec("refused", 1), TopicSpec("taken", 1)])
    with clean_database.connect() as connection:
        for topic in ("refused", "taken"):
            write(connection, Lane(f"outside/{topic}"), Targets(log), [NewRecord(topic, b"k", b"v")])
    worker = WorkerIdentity(uuid4(), "counting", "host", 1)
    sender = LaneSender("counting", worker.id, log=log, connect=connect, trouble=said.append, timing=Timing())
    with clean_database.connect(autocommit=True) as keeper:
        workers.beat(keeper, worker, Report(WorkerState.RUNNING, "", 0, 0, 0))
        sender.start()
        try:
            left = "SELECT topic FROM outbox_record"
            eventually(lambda: keeper.execute(left).fetchall() == [("refused",)], "the other lane's end")
            assert len(Subject(log).read_topic("taken")) == 1
        finally:
            sender.close()
    assert "the topic 'refused' takes nothing" in said
