"""A supervisor and its processes, as real processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cdp_site.running import is_alive
from tests.ingestion.collector.serving import ROOT
from tests.waiting import eventually

pytestmark = pytest.mark.fault


class Family:
    """The supervisor of `family.py`, and what its processes noted."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.output = directory / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.cdp_site.supervision.family", str(directory)],
                cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def events(self) -> list[str]:
        file = self.directory / "events"
        return file.read_text().splitlines() if file.exists() else []

    def pids(self, name: str) -> list[int]:
        """The processes that `name` had, the newest last."""
        return [
            int(event.split()[2]) for event in self.events() if re.match(rf"began-with-\d+ {name} ", event)
        ]

    def all_pids(self) -> set[int]:
        """All processes that began, and their children."""
        return {
            int(pid) for event in self.events() for pid in re.findall(r"\b\d+\b", event.replace("-", " "))
        }

    def text(self) -> str:
        return self.output.read_text(errors="replace")


@pytest.fixture
def family(tmp_path) -> Iterator[Family]:
    family = Family(tmp_path)
    try:
        eventually(lambda: family.pids("first") and family.pids("stubborn"))
        yield family
    finally:
        family.process.kill()
        family.process.wait(30)
        for pid in family.all_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_one_that_dies_is_started_again(family):
    os.kill(family.pids("first")[0], signal.SIGKILL)
    eventually(lambda: len(family.pids("first")) == 2)
    assert "first was ended by SIGKILL; it starts again in 0.25 s" in family.text()


def test_what_a_dead_one_left_running_is_killed(family):
    began = next(event for event in family.events() if " first " in event)
    child = int(began.split()[0].rpartition("-")[2])
    os.kill(family.pids("first")[0], signal.SIGKILL)
    eventually(lambda: not is_alive(child))


def test_one_that_keeps_failing_is_started_less_and_less_often(family):
    eventually(lambda: "failing ended with status 3; it starts again in 2 s" in family.text())
    assert family.events().count("failed") == 4


def test_one_starts_when_it_may(family):
    assert not family.pids("late")
    (family.directory / "go").touch()
    eventually(lambda: family.pids("late"))


def test_one_that_runs_once_is_over_when_it_succeeded(family):
    eventually(lambda: family.events().count("failed") == 3)  # time in which it would have started again
    assert family.events().count("single") == 1
    assert "single ended" not in family.text()


def test_lines_carry_the_name_of_who_wrote_them(family):
    eventually(lambda: "first     | hello from first" in family.text())


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_all_are_stopped_in_reverse_order_and_the_stubborn_one_is_killed(family, signum):
    (family.directory / "go").touch()
    eventually(lambda: family.pids("late"))

    family.process.send_signal(signum)

    assert family.process.wait(30) == 0
    stopped = re.findall(r"\| stopping (\w+)", family.text())
    assert [name for name in stopped if name != "failing"] == ["late", "stubborn", "first"]
    assert [event.split()[1] for event in family.events() if event.startswith("stopped")] == ["late", "first"]
    assert not any(is_alive(pid) for pid in family.all_pids())


def test_none_outlives_a_supervisor_that_is_killed(family):
    family.process.kill()
    direct = [*family.pids("first"), *family.pids("stubborn")]
    eventually(lambda: not any(is_alive(pid) for pid in direct))
