"""How often one caller may ask.

The counts are in the memory of each web process: they cost no round trip, and several processes together allow
that many times more.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

COUNTED = "headwater.counted"  # in the environment of a request that was counted, and may be begun again
MAX_CALLERS = 10_000  # of whom counts are kept; beyond it those who asked longest ago start anew


class Buckets:
    """A bucket of `burst` requests for each caller, that fills up again by `rate` a second. Thread-safe."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = Lock()
        self._levels: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, caller: object) -> float:
        """Take one request: 0 when there was one, else the seconds until there is."""
        now = self._clock()
        with self._lock:
            level, since = self._levels.pop(caller, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            wait = 0.0 if level >= 1 else (1 - level) / self._rate
            self._levels[caller] = (level if wait else level - 1, now)
            if len(self._levels) > MAX_CALLERS:
                self._levels.popitem(last=False)
        return wait


class CallerThrottle(BaseThrottle):
    """The limit of each API token and of each member of staff."""

    buckets = Buckets(settings.API_REQUESTS_PER_SECOND, settings.API_BURST)

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether the caller has a request left."""
        del view
        if COUNTED in request.META:
            return True
        request.META[COUNTED] = True
        caller = ("token", request.auth.pk) if request.auth else ("user", request.user.pk)
        self._wait = self.buckets.take(caller)
        return not self._wait

    def wait(self) -> float:
        """Seconds until the next request is allowed."""
        return self._wait


# Of each address that presents no valid token or session: guessing gets slow before it gets anywhere.
refusals = Buckets(settings.API_REFUSALS_PER_SECOND, settings.API_REFUSALS_BURST)
