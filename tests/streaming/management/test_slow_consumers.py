"""Consumers of one `run_consumers` share no thread of work: one that sleeps or loops slows no other."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.conftest import Database
from tests.streaming.management.test_run_consumers import Operator
from tests.waiting import eventually

_MODULE = """
import time

from streaming.runtime.consumer import Consumer


class Quick(Consumer):
    name = "quick"
    topics = ("words",)

    def process(self, batch):
        rows = [(record.value.decode(),) for record in batch.records]
        batch.connection.cursor().executemany("INSERT INTO word VALUES (%s)", rows)


class Sleeping(Quick):
    name = "sleeping"

    def process(self, batch):
        time.sleep(3600)


class Looping(Quick):
    name = "looping"

    def process(self, batch):
        while True:
            pass
"""
_ENTRY_POINTS = (
    "[headwater.consumers]\nquick = slow:Quick\nsleeping = slow:Sleeping\nlooping = slow:Looping\n"
)
WORDS = [f"word {number}" for number in range(40)]
_POSITIONS = "SELECT consumer, sum(next_offset) FROM consumer_position WHERE topic = 'words' GROUP BY 1"


@pytest.fixture
def operator(fresh_database: Database, tmp_path: Path) -> Iterator[Operator]:
    (tmp_path / "slow.py").write_text(_MODULE)
    info = tmp_path / "slow-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    with fresh_database.connect() as connection:
        connection.execute("CREATE TABLE word (word text)")
    operator = Operator(fresh_database, tmp_path)
    yield operator
    operator.close()


def _has_read(operator: Any, word: str) -> bool:
    return word in operator.words()


@pytest.mark.fault
def test_one_goes_on_beside_others_that_do_not(fresh_database: Database, operator: Operator):
    log = PostgresLog(fresh_database.conninfo)
    try:
        log.create_topics([TopicSpec("words", 2)])
        log.append([NewRecord("words", b"first", b"first")])
        operator.start("sleeping", "looping", "quick")
        eventually(lambda: operator.words() == ["first"], "the first word", 60)
        busy = "SELECT DISTINCT consumer FROM consumer_worker WHERE state IN ('running', 'starting')"
        eventually(lambda: len(operator.rows(busy)) == 3, "that all run", 60)
        for word in WORDS:  # one at a time: each waits for the one before, and for nobody else
            log.append([NewRecord("words", word.encode(), word.encode())])
            eventually(partial(_has_read, operator, word), word)
        positions = {name: int(offsets) for name, offsets in operator.rows(_POSITIONS)}
        assert positions == {"quick": len(WORDS) + 1, "sleeping": 0, "looping": 0}
    finally:
        for (pid,) in operator.rows("SELECT pid FROM consumer_worker"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # they do not look whether their parent lives
        log.close()
