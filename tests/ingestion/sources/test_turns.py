"""Whose turn it is: streams of one connection in turn, and a share of the threads for those that keep one for long."""

from datetime import UTC, datetime
from threading import Event

import pytest
from celery.signals import worker_shutting_down

from ingestion import tasks
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun
from ingestion.sources import running, slices
from ingestion.sources.connections import create_connection
from ingestion.sources.threads import Sort, Threads
from ingestion.sources.turns import next_in_turn, take_turn, waiting_runs
from tests.ingestion.sources.conftest import BY, NOW, TABLE


def run_of(producer, table: str) -> ConnectionRun:
    producer.crm.execute(TABLE.replace("customers", table))
    producer.crm.execute(f"INSERT INTO {table} VALUES (1, 'c', 'gold', '2026-01-05 10:00:00')")
    started: ConnectionRun = producer.start(producer.stream(table))
    return started


def test_the_streams_of_a_connection_are_read_in_turn(producer):
    runs = [run_of(producer, table) for table in ("one", "two", "three")]
    first, second, third = (run.pk for run in runs)
    assert take_turn(runs[1]) is not None
    assert producer.go(runs[0]) == Outcome.BUSY
    assert waiting_runs(now=NOW) == []
    ConnectionRun.objects.filter(pk=second).update(lease_owner=None, lease_until=None)
    assert waiting_runs(now=NOW) == [first, second, third]
    assert [next_in_turn(pk, now=NOW) for pk in (first, second, third)] == [second, third, first]


def test_another_connection_is_read_meanwhile(producer):
    assert take_turn(run_of(producer, "one")) is not None
    producer.connection = create_connection(
        name="Other", kind="sql", source="CRM", typed=producer.crm.settings, by=BY, now=NOW
    )
    run = run_of(producer, "two")
    assert waiting_runs(now=NOW) == [run.pk]
    assert producer.go(run) == Outcome.ENDED


def test_a_slice_is_followed_by_one_of_another_stream(producer, monkeypatch):
    told: list[int] = []
    monkeypatch.setattr(tasks.run_connection, "delay", lambda *, run_id: told.append(run_id))
    runs = [run_of(producer, table) for table in ("one", "two")]
    tasks.run_connection(run_id=runs[0].pk)
    assert told == [runs[1].pk]
    tasks.run_connection(run_id=runs[1].pk)
    assert told == [runs[1].pk]


def test_a_worker_that_is_told_to_stop_ends_its_slice(producer, monkeypatch):
    monkeypatch.setattr(slices, "ROWS", 1)
    producer.crm.fill(1, 3)
    run = producer.start(producer.stream())
    assert producer.go(run, stopping=lambda: True) == Outcome.MORE
    assert (run.read, run.lease_until) == (1, None)


def test_those_that_keep_a_thread_for_long_leave_room():
    threads = Threads(total=8)
    held = [threads.held(sort) for sort in [Sort.CONTINUOUS] * 5 + [Sort.TROUBLED] * 3 + [Sort.USUAL] * 9]
    assert [each.__enter__() for each in held] == [True] * 4 + [False] + [True] * 2 + [False] + [True] * 9
    for each in held:
        each.__exit__(None, None, None)
    with threads.held(Sort.CONTINUOUS) as may:
        assert may, "what was given back is free"
    with Threads().held(Sort.TROUBLED) as may:
        assert may


def test_a_run_that_finds_no_thread_says_so_and_waits(producer, monkeypatch):
    threads = Threads(total=4)
    monkeypatch.setattr(running, "THREADS", threads)
    Connection.objects.update(failures=1)
    run = run_of(producer, "one")
    with threads.held(Sort.TROUBLED):
        assert producer.go(run) == Outcome.WAITING
    assert "waits for a thread" in run.failure
    assert waiting_runs(now=datetime.now(UTC)) == [run.pk]
    assert producer.go(run) == Outcome.ENDED
    assert run.failure == ""


def test_a_worker_that_is_told_to_stop_tells_its_runs(monkeypatch):
    monkeypatch.setattr(tasks, "_stopping", Event())
    worker_shutting_down.send(sender="worker", sig="TERM", how="Warm", exitcode=0)
    assert tasks._stopping.is_set()


@pytest.mark.parametrize(
    "sender", [type("Consumer", (), {"controller": type("Worker", (), {"concurrency": 7})})]
)
def test_a_worker_says_how_many_threads_it_has(sender, monkeypatch):
    threads = Threads()
    monkeypatch.setattr(tasks, "THREADS", threads)
    tasks._know_threads(sender)
    assert threads.total == 7
