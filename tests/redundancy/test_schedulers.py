"""Two schedulers and two workers: whoever of the schedulers dies or freezes, each run is had once."""

import signal
from itertools import pairwise
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from tests.redundancy.processes import TASKS
from tests.waiting import eventually

pytestmark = pytest.mark.fault
TAKE_OVER_S = 75.0  # eight when a scheduler froze, with two runs; the rest is what a busy machine may take


class Runs:
    """What schedulers dispatched, and what workers ran."""

    def __init__(self, database: Any, notes: Any) -> None:
        self._database, self._notes = database, notes
        notes.touch()

    def dispatched(self) -> list[tuple[int, int, Any]]:
        with self._database.connect() as connection:
            return connection.execute(  # type: ignore[no-any-return]
                "SELECT number, term, due_at FROM scheduler_run WHERE job = 'noted' ORDER BY number"
            ).fetchall()

    def term(self) -> int:
        rows = self.dispatched()
        return rows[-1][1] if rows else 0

    def more_under(self, term: int) -> int:
        """How many under this term or a later one."""
        return sum(row[1] >= term for row in self.dispatched())

    def had(self) -> list[int]:
        return [int(line.split()[1]) for line in self._notes.read_text().splitlines()]


@pytest.fixture
def runs(fresh_database, tmp_path) -> Runs:
    every_second = IntervalSchedule.objects.create(every=1, period="seconds")
    PeriodicTask.objects.create(name="noted", task=f"{TASKS}.note_run", interval=every_second)
    return Runs(fresh_database, tmp_path / "notes")


def test_each_run_is_had_once_whichever_scheduler_dies_or_freezes(parts, runs, tmp_path):
    parts.environment = {**parts.environment, "NOTES": str(tmp_path / "notes")}
    for name in ("worker-1", "worker-2"):
        parts.worker(name)
    first = parts.beat("beat-1", HEADWATER_FAILPOINTS="scheduler.before_commit=stop@3")
    eventually(lambda: "run " in (tmp_path / "notes").read_text(), seconds=120)
    second = parts.beat("beat-2")
    eventually(first.is_frozen, seconds=60)  # within the transaction of a run

    eventually(lambda: runs.more_under(2) >= 2, seconds=TAKE_OVER_S)
    first.signal(signal.SIGCONT)
    eventually(lambda: "another scheduler acts" in first.text or "lost its lease" in first.text
               or "tries again" in first.text, seconds=60)  # fmt: skip

    second.signal(signal.SIGSTOP)  # whatever it does at this moment
    eventually(lambda: runs.more_under(3) >= 2, seconds=TAKE_OVER_S)
    second.signal(signal.SIGCONT)
    first.kill()
    eventually(lambda: runs.more_under(4) >= 2, seconds=TAKE_OVER_S)
    second.stop()

    dispatched = runs.dispatched()
    numbers = [number for number, _, _ in dispatched]
    assert numbers == list(range(1, len(numbers) + 1))
    had = eventually(runs.had, until=lambda found: len(found) >= len(numbers), seconds=60)
    assert sorted(had) == numbers
    for (_, _, before), (_, _, after) in pairwise(dispatched):
        assert (after - before).total_seconds() > 0.8, "a second run of one period"
    for scheduler in (first, second):
        assert "Traceback" not in scheduler.text, scheduler.text[-3000:]
