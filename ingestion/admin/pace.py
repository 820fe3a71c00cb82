"""How often pages that renew themselves may look: what all of them cost is bounded, however many people watch.

A process has one Pace for a kind of page. Each look books as much time as it is allowed to cost a share of, and the next
one comes when that time is over. So a dear look is followed by a longer pause, as are looks of many people; and under
load, when answers take longer, fewer are asked for.
"""

import threading
import time
from collections.abc import Callable


class Pace:
    """Says when to look again. Threads may share it.

    `share` is the part of the time that looks may take in all. Pauses are `soonest` to `latest` seconds.
    """

    def __init__(
        self, *, share: float, soonest: float = 1.0, latest: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._share, self._soonest, self._latest, self._clock = share, soonest, latest, clock
        self._booked_until = 0.0
        self._lock = threading.Lock()

    def pause(self, cost: float) -> float:
        """In how many seconds to look again, after a look that took `cost` seconds."""
        with self._lock:
            now = self._clock()
            booked = max(self._booked_until, now) + cost / self._share
            self._booked_until = min(booked, now + self._latest)
            return max(self._soonest, self._booked_until - now)
