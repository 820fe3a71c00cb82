"""Running a resubmission in the foreground, for a command: until it ends or somebody interrupts."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Self

from django.utils import timezone

from streaming.domain.queries.resubmissions import ResubmissionRow, resubmission
from streaming.domain.resubmissions import running

_SLICE_SECONDS = 1.0
_LOOK_SECONDS = 0.5


class Interruptible:
    """Remembers SIGINT and SIGTERM while it is open, so that the batch in hand is finished."""

    def __init__(self) -> None:
        self._interrupted = threading.Event()

    def __enter__(self) -> Self:
        self._former = {
            number: signal.signal(number, self._interrupt) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted.set()

    def pause(self, seconds: float) -> None:
        """Wait, unless interrupted."""
        self._interrupted.wait(seconds)

    def __bool__(self) -> bool:
        return self._interrupted.is_set()


def follow(
    resubmission_id: int, interrupted: Interruptible, *, say: Callable[[ResubmissionRow], object]
) -> ResubmissionRow:
    """Run the job, or watch whoever else runs it, and say how far it is each second or so; returns how it ended."""
    while True:
        again = running.run(
            resubmission_id, clock=timezone.now, pause=interrupted.pause, seconds=_SLICE_SECONDS
        )
        row = resubmission(resubmission_id, now=timezone.now())
        if not row.is_active or interrupted:
            return row
        say(row)
        interrupted.pause(_LOOK_SECONDS if again is None else min(again, _SLICE_SECONDS))
