"""The event log of the settings, on a database of the test's own."""

from collections.abc import Iterator

import pytest

from streaming import registry
from streaming.contracts.log import EventLog
from streaming.event_log import close_event_log, event_log
from tests.conftest import Database
from tests.streaming.runtime.conftest import Pipeline
from tests.streaming.runtime.counting import Counting, misbehave


@pytest.fixture
def log(clean_database: Database) -> Iterator[EventLog]:
    yield event_log()
    close_event_log()


@pytest.fixture
def pipeline(clean_database: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """`Counting` is the only registered consumer."""
    monkeypatch.setattr(registry, "_consumers", {Counting.name: lambda: Counting(fail=misbehave)})
    pipeline = Pipeline(clean_database, log, clean_database.conninfo)
    yield pipeline
    pipeline.close()
