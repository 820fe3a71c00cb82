"""The running product seals: a real scheduler, and workers of which the first is killed within a block."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.sealing.condition import unsealed
from compliance.sealing.sealer import head
from streaming.runtime.failpoints import VARIABLE
from tests.compliance.sealing.trail import is_whole, look
from tests.conftest import ROOT, Database
from tests.waiting import eventually

pytestmark = pytest.mark.fault
_CELERY = [sys.executable, "-m", "celery", "-q", "-A", "cdp_site"]
_WORKER = ["worker", "--pool=threads", "--concurrency=2", "--without-gossip", "--without-mingle"]


@pytest.fixture
def start(fresh_database: Database, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **fresh_database.environment, "HEADWATER_HOME": str(tmp_path), "TASK_REDELIVERY_S": "2",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip

    def begin(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "processes.log").open("ab") as log:
            command = [*_CELERY, *arguments]
            started.append(
                subprocess.Popen(command, cwd=ROOT, env={**environment, **more}, stdout=log, stderr=log)
            )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(30)


def test_rows_are_sealed_although_a_worker_dies_over_them(fresh_database, start):
    look(3)
    start("beat")
    dying = start(*_WORKER, **{VARIABLE: "sealer.before_commit=kill"})
    eventually(lambda: dying.poll() is not None, "the worker to die over its first block")
    assert head()[0] == 0
    start(*_WORKER)
    eventually(lambda: head()[0] == 3, "another worker to seal")
    look(2)
    eventually(lambda: unsealed().count == 0, "what came later to be sealed")
    with fresh_database.connect() as connection:
        assert is_whole(connection)
