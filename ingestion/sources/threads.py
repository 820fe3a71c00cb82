"""Who may have a thread of this process: sources that keep one for long leave room for all others.

A source that hangs holds its thread until its time-out; one that is listened to holds it for good. Each sort of them has
a share of the threads, so that one that answers always finds a free one.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Sort(StrEnum):
    """How long a run is going to keep its thread."""

    USUAL = "usual"
    CONTINUOUS = "continuous"
    """For as long as it is wanted."""
    TROUBLED = "troubled"
    """Its source failed the last time: perhaps until its time-out."""


_SHARES = {Sort.CONTINUOUS: 2, Sort.TROUBLED: 4}  # one part of so many


class Threads:
    """The threads of a process; without a total there is no limit."""

    def __init__(self, total: int | None = None) -> None:
        self.total = total
        self._held: Counter[Sort] = Counter()
        self._lock = threading.Lock()

    def most(self, sort: Sort) -> int | None:
        """How many runs of this sort may have one at once; None: as many as there are."""
        if self.total is None or sort not in _SHARES:
            return None
        return max(1, self.total // _SHARES[sort])

    @contextmanager
    def held(self, sort: Sort) -> Iterator[bool]:
        """Whether the run may have a thread; it keeps it for as long as the block lasts."""
        may = self._take(sort)
        try:
            yield may
        finally:
            if may:
                with self._lock:
                    self._held[sort] -= 1

    def _take(self, sort: Sort) -> bool:
        most = self.most(sort)
        with self._lock:
            if most is not None and self._held[sort] >= most:
                return False
            self._held[sort] += 1
            return True


THREADS = Threads()
"""Those of this process. A worker says how many it has when it is ready."""
