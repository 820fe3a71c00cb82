"""No more requests a minute than the API was promised, over all streams that one process reads of it."""

import math
import threading
import time
from collections.abc import Callable

from ingestion.sources.contract import SourceUnavailable
from ingestion.sources.patience import longest_wait

LONGEST_S = 120.0

_lock = threading.Lock()
_free_at: dict[str, float] = {}


class Pace:
    """The turns of one API; without a limit nobody waits."""

    def __init__(self, api: str, per_minute: int | None) -> None:
        self._api, self._step = api, 60 / per_minute if per_minute else 0.0

    def wait(self, sleep: Callable[[float], object]) -> None:
        """Wait for the next turn. Raises SourceUnavailable when that is long, for whoever waits."""
        if not self._step:
            return
        with _lock:
            now = time.monotonic()
            turn = max(now, _free_at.get(self._api, 0.0))
            if turn - now > longest_wait(LONGEST_S):
                raise SourceUnavailable(
                    f"Its requests a minute are used up: the next one may be sent in {math.ceil(turn - now)} seconds.",
                    retry_after=turn - now,
                )
            _free_at[self._api] = turn + self._step
        if turn > now:
            sleep(turn - now)
