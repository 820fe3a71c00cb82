"""Background jobs on PostgreSQL, with a real worker: none is lost when it is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from operator import lt
from pathlib import Path

import pytest

from tests.conftest import ROOT, Database
from tests.waiting import eventually

pytestmark = pytest.mark.fault
TASKS = "tests.cdp_site.slow_tasks"
AMOUNT = 12
SEND = f"""
import django; django.setup()
from {TASKS} import note
for number in range({AMOUNT}):
    note.delay(number=number)
"""


@pytest.fixture
def environment(fresh_database: Database, tmp_path: Path) -> dict[str, str]:
    return {
        **fresh_database.environment, "HEADWATER_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "TASK_REDELIVERY_S": "2", "NOTES": str(tmp_path / "notes"), "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


@pytest.fixture
def start_worker(environment, tmp_path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            workers.append(subprocess.Popen(
                [sys.executable, "-m", "celery", "-q", "-A", "cdp_site", "worker", "--pool=threads", "--concurrency=2",
                 "--without-gossip", "--without-mingle", "--include", TASKS],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            ))  # fmt: skip
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        worker.wait(30)


def test_no_task_is_lost_when_workers_are_killed(environment, start_worker, tmp_path):
    notes = tmp_path / "notes"
    notes.touch()
    subprocess.run([sys.executable, "-c", SEND], cwd=ROOT, env=environment, check=True, timeout=60)
    for _ in range(2):
        begun = notes.read_text().count("begun")
        worker = start_worker()
        eventually(lambda: notes.read_text().count("begun"), until=partial(lt, begun + 1), seconds=60)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(30)
    start_worker()
    eventually(lambda: done(notes) == set(range(AMOUNT)), seconds=120)


def test_a_worker_that_is_told_to_stop_finishes_what_it_has(environment, start_worker, tmp_path):
    notes = tmp_path / "notes"
    notes.touch()
    subprocess.run([sys.executable, "-c", SEND], cwd=ROOT, env=environment, check=True, timeout=60)
    worker = start_worker()
    eventually(lambda: "begun" in notes.read_text(), seconds=60)
    worker.terminate()
    assert worker.wait(60) == 0
    begun = {line.split()[1] for line in notes.read_text().splitlines() if line.startswith("begun")}
    assert {str(number) for number in done(notes)} == begun


def done(notes: Path) -> set[int]:
    return {int(line.split()[1]) for line in notes.read_text().splitlines() if line.startswith("done")}
