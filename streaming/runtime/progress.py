"""What a worker is doing and has done: written by its threads, read by its keeper."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class WorkerState(StrEnum):
    """What a worker is doing, in one word."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STUCK = "stuck"
    STOPPED = "stopped"


class Totals(NamedTuple):
    """Sums since the worker began."""

    records: int = 0
    dead_letters: int = 0
    batches: int = 0
    batch_seconds: float = 0.0

    def since(self, earlier: "Totals") -> "Totals":
        """What was added after `earlier`."""
        return Totals(
            self.records - earlier.records,
            self.dead_letters - earlier.dead_letters,
            self.batches - earlier.batches,
            self.batch_seconds - earlier.batch_seconds,
        )


@dataclass(slots=True)
class _Trouble:
    batch: str = ""
    partitions: str = ""
    log: str = ""
    outbox: str = ""


class Progress:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals = Totals()
        self._trouble = _Trouble()
        self._busy_since: float | None = None
        self._preparing_since: float | None = None
        self._began = False
        self._progressed = time.monotonic()

    @property
    def totals(self) -> Totals:
        """What was done so far."""
        return self._totals

    @property
    def idle_seconds(self) -> float:
        """How long ago the worker last got ahead, or had nothing to do."""
        return time.monotonic() - self._progressed

    def begin_batch(self) -> None:
        """An attempt at a batch begins."""
        self._busy_since = time.monotonic()

    def end_attempt(self) -> None:
        """An attempt ended, whatever came of it."""
        self._busy_since = None

    def commit(self, records: int, dead_letters: int) -> None:
        """An attempt was committed."""
        with self._lock:
            seconds = time.monotonic() - self._busy_since if self._busy_since else 0.0
            done = self._totals
            self._totals = Totals(
                done.records + records, done.dead_letters + dead_letters,
                done.batches + 1, done.batch_seconds + seconds,
            )  # fmt: skip
        self.get_ahead()

    def get_ahead(self) -> None:
        """The worker is not held up: it committed, or had nothing to do."""
        self._trouble.batch = ""
        self._began = True
        self._progressed = time.monotonic()

    @contextlib.contextmanager
    def preparing(self) -> Iterator[None]:
        """Around the preparation of a batch ahead of its attempt, on the thread that reads."""
        self._preparing_since = time.monotonic()
        try:
            yield
        finally:
            self._preparing_since = None

    def attempt_seconds(self) -> float:
        """How long the attempt under way has taken."""
        return _seconds_since(self._busy_since)

    def busy_seconds(self) -> float:
        """How long the attempt under way has taken, or the preparation if that is longer: neither may hang."""
        return max(self.attempt_seconds(), _seconds_since(self._preparing_since))

    def wait_for_batch(self, why: str) -> None:
        """The batch in hand cannot be processed now."""
        self._trouble.batch = why

    def wait_for_partitions(self, why: str) -> None:
        """Some partitions wait while others go on; an empty text: none does any more."""
        self._trouble.partitions = why

    def wait_for_log(self, why: str) -> None:
        """The log cannot be read now; an empty text: it can again."""
        self._trouble.log = why

    def wait_for_outbox(self, why: str) -> None:
        """The outbox cannot be sent now; an empty text: it can again."""
        self._trouble.outbox = why

    def state(self, limit: float) -> tuple[WorkerState, str]:
        """The state and a detail, when one attempt may take `limit` seconds."""
        if (busy := self.busy_seconds()) > limit:
            return WorkerState.STUCK, f"one batch has taken {busy:.0f} s; the limit is {limit:.0f} s"
        trouble = self._trouble
        if why := trouble.batch or trouble.partitions or trouble.log or trouble.outbox:
            return WorkerState.WAITING, why
        return (WorkerState.RUNNING if self._began else WorkerState.STARTING), ""


def _seconds_since(moment: float | None) -> float:
    return 0.0 if moment is None else time.monotonic() - moment
