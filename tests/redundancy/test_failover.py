"""Another PostgreSQL server takes over under load: everything follows it, nothing is lost and nothing doubled."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.checking import check
from tests.faults.system import System
from tests.redundancy.processes import Parts
from tests.redundancy.servers import Pair, a_pair
from tests.waiting import eventually

pytestmark = pytest.mark.fault
BEFORE, AFTER = range(4), range(10, 16)


@pytest.fixture
def pair(migrated_template) -> Iterator[Pair]:
    with a_pair(migrated_template.conninfo) as made:
        yield made


@pytest.fixture
def system(pair, tmp_path) -> Iterator[System]:
    made = System(pair, tmp_path / "home")
    yield made
    made.stop()


@pytest.fixture
def worker(system, pair, tmp_path) -> Iterator["Jobs"]:
    made = Jobs(system, pair, tmp_path / "notes")
    yield made
    made.parts.end()


class Jobs:
    """A Celery worker, jobs for it, and what it noted of them."""

    def __init__(self, system: System, pair: Pair, notes: Path) -> None:
        self._pair, self._notes = pair, notes
        notes.touch()
        environment = {**system.environment, "NOTES": str(notes), "TASK_REDELIVERY_S": "5"}
        self.parts = Parts(environment, system.home)
        self.process = self.parts.worker("worker-1")

    def send(self, numbers: range, seconds: float) -> None:
        code = (
            "import sys, django; django.setup(); from tests.redundancy.noted_tasks import take_a_while\n"
            f"for n in {numbers!r}: take_a_while.delay(number=n, seconds={seconds})"
        )
        sent = self.parts.start(
            "sender", [sys.executable, "-c", code], DJANGO_SETTINGS_MODULE="cdp_site.settings"
        )
        assert sent.process.wait(60) == 0, sent.text[-3000:]

    def noted(self, what: str) -> set[int]:
        lines = [line.split() for line in self._notes.read_text().splitlines()]
        return {int(number) for word, number in lines if word == what}

    def waiting(self) -> int:
        with self._pair.connect() as connection:
            row = connection.execute("SELECT count(*) FROM pgmq.q_headwater_celery").fetchone()
            assert row is not None
            return int(row[0])


def test_the_primary_dies_and_the_standby_is_promoted(pair, system, worker):
    system.web.start()
    consumers = system.consume("profiles")
    worker.send(BEFORE, seconds=3)
    with system.load(pause=0.05) as load:
        load.wait_for(60)
        eventually(system.applied, seconds=60)
        eventually(lambda: worker.noted("begun"), seconds=60)
        pair.kill_primary()
        load.wait_for(40)  # nobody takes writes: what is acknowledged is in the spool
        assert system.spooled()
        pair.promote()
        load.wait_for(100)
        resumed = system.applied()
        eventually(lambda: system.applied() > resumed, seconds=30)
        worker.send(AFTER, seconds=0)
        eventually(lambda: worker.noted("done") == {*BEFORE, *AFTER}, seconds=40)
    assert not consumers.died(), "consumers wait for a database"
    assert worker.process.is_running()
    eventually(lambda: worker.waiting() == 0, seconds=20)
    system.drain()
    check(pair, load.ledger)


def test_the_primary_becomes_read_only_and_the_standby_is_promoted(pair, system, worker):
    """A switch in order. The former primary goes on answering, so no connection breaks."""
    system.web.start()
    consumers = system.consume("profiles")
    worker.send(BEFORE, seconds=1)
    with system.load(pause=0.05) as load:
        load.wait_for(60)
        eventually(system.applied, seconds=60)
        eventually(lambda: worker.noted("begun"), seconds=60)
        pair.make_primary_read_only()
        load.wait_for(40)
        pair.promote()
        load.wait_for(100)
        resumed = system.applied()
        eventually(lambda: system.applied() > resumed, seconds=30)
        worker.send(AFTER, seconds=0)
        eventually(lambda: worker.noted("done") == {*BEFORE, *AFTER}, seconds=40)
    assert not consumers.died()
    assert worker.process.is_running()
    eventually(lambda: worker.waiting() == 0, seconds=20)
    consumers.signal(signal.SIGTERM)
    system.drain()
    check(pair, load.ledger)
