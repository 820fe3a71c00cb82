"""How long to wait before a process is started again: longer each time, until it has run well for a while."""

FIRST_S = 0.25
LONGEST_S = 30.0
WELL_AFTER_S = 60.0


class Backoff:
    """Of one role. Times are those of a monotonic clock."""

    def __init__(self) -> None:
        self._failures = 0

    def delay(self, *, ran_for: float) -> float:
        """Count an end after `ran_for` seconds, and say how long to wait."""
        if ran_for >= WELL_AFTER_S:
            self._failures = 0
        self._failures += 1
        return float(min(FIRST_S * 2 ** (self._failures - 1), LONGEST_S))
