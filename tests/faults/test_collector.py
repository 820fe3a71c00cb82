"""Web servers stop and die under load: what they answered 200 has its effect, and workers share nothing."""

import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.faults.places import on_both
from tests.faults.system import WebServer
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.fault_suite, pytest.mark.timeout(400)]


@on_both
@pytest.mark.fault_row(5)
def test_the_web_server_is_told_to_stop(trial):
    system = trial.system
    system.web.start()
    system.consume()
    with trial.load(pause=0.005) as load:
        for _ in range(3):
            load.wait_for(60)
            with trial.fault("told to stop"):
                system.web.signal(signal.SIGTERM)
                assert system.web.wait(60) == 0
                system.web.start()
        load.wait_for(50)
    trial.settle()


@on_both
@pytest.mark.fault_row(6)
@pytest.mark.system(serve=True, WEB_WORKERS="4")
def test_web_workers_are_killed(trial):
    system = trial.system
    assert isinstance(system.web, WebServer)
    system.web.start()
    system.consume()
    eventually(lambda: len(system.web.workers()) == 4, seconds=60)
    with trial.load(pause=0.005) as load:
        for _ in range(3):
            load.wait_for(60)
            victim = system.web.workers()[0]
            with trial.fault("worker killed"):
                os.kill(victim, signal.SIGKILL)
                eventually(partial(_is_gone, victim), seconds=30)
                eventually(lambda: len(system.web.workers()) == 4, seconds=90)
        load.wait_for(50)
    trial.settle()


def _is_gone(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True
