"""Waiting until consumers have caught up."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connections

from streaming import registry
from streaming.domain import upstream
from streaming.domain.catching_up import wait_until_caught_up
from streaming.domain.upstream import Waiting
from tests.streaming.runtime.conftest import Pipeline
from tests.streaming.runtime.counting import OUTPUT, Counting
from tests.waiting import eventually


class Wait:
    """The wait, on a thread."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.caught_up: bool | None = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.caught_up = wait_until_caught_up(self.names, pause=lambda: not self.is_over.wait(0.02))
        finally:
            connections.close_all()

    def end(self) -> bool | None:
        self.is_over.set()
        self.thread.join(30)
        return self.caught_up


def test_it_follows_what_consumers_make_of_each_other(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    def second() -> Counting:
        return Counting(name="second", topics=(OUTPUT,), output=None, publishes=())

    monkeypatch.setattr(registry, "_consumers", {"counting": Counting, "second": second})
    pipeline.topic()
    values = [str(number) for number in range(200)]
    pipeline.append(values)
    waiting = Wait(["counting", "second"])
    pipeline.start(second())
    pipeline.start()
    waiting.thread.join(30)
    assert waiting.end() is True
    assert len(pipeline.effects()) == 400


def test_it_gives_up_when_told_to(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["nobody reads it"])
    assert Wait(["counting"]).end() is False


def test_it_waits_for_what_is_not_in_the_log_yet(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    spooled = [Waiting(datetime(2026, 11, 24, tzinfo=UTC), 5, "the spool of host a")]
    monkeypatch.setattr(upstream, "_upstreams", {"spool": lambda _now: list(spooled)})
    pipeline.topic()
    pipeline.append(["a"])
    pipeline.start()
    pipeline.wait_for_effects(["a"])
    waiting = Wait(["counting"])
    eventually(waiting.thread.is_alive, "the wait")
    waiting.thread.join(0.5)
    assert waiting.thread.is_alive()
    spooled.clear()
    waiting.thread.join(30)
    assert waiting.end() is True


def test_it_waits_for_the_outbox(pipeline: Pipeline):
    pipeline.topic()
    with pipeline.database.connect(autocommit=True) as connection:
        connection.execute("INSERT INTO outbox_lane (name) VALUES ('outside/admin')")
        connection.execute(
            "INSERT INTO outbox_record SELECT id, 1, 1, 0, 't', 0, NULL, NULL, '' FROM outbox_lane"
        )
    waiting = Wait(["counting"])
    waiting.thread.join(0.5)
    assert waiting.thread.is_alive()
    assert waiting.end() is False
