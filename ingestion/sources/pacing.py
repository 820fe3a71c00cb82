"""No more rows a second than a run may read."""

import time
from collections.abc import Callable

STEP_S = 2.0


class Pacing:
    """Spreads rows evenly; without a limit it never waits."""

    def __init__(self, rows_per_second: int | None) -> None:
        self._limit = rows_per_second
        self._free_at = time.monotonic()

    def batch(self, most: int) -> int:
        """How many rows to read at once, so that a pause between them is no longer than a second or so."""
        return most if self._limit is None else max(1, min(most, self._limit))

    def wait(self, rows: int, sleep: Callable[[float], object], goes_on: Callable[[], bool]) -> bool:
        """Wait until so many more rows may be sent. False when it need not go on, which is asked now and then."""
        if self._limit is None:
            return True
        now = time.monotonic()
        self._free_at = max(self._free_at, now - 1) + rows / self._limit
        while (left := self._free_at - time.monotonic()) > 0:
            if left > STEP_S and not goes_on():
                return False
            sleep(min(left, STEP_S))
        return True
