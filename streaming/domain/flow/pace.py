"""How fast records arrive and are applied, smoothed over about a minute; pure."""

import math
from dataclasses import dataclass
from datetime import datetime

SMOOTHING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a consumer in one partition.

    `position` is the next offset that it reads, the log's start where it never began. `unread_since` is when that
    record was appended; None when there is none yet.
    """

    at: datetime
    start: int
    end: int
    position: int
    unread_since: datetime | None

    @property
    def lag(self) -> int:
        """Records that wait."""
        return max(0, self.end - max(self.position, self.start))

    @property
    def front(self) -> datetime:
        """The moment of the log up to which all is read."""
        return self.at if self.unread_since is None else self.unread_since


@dataclass(frozen=True, slots=True)
class Pace:
    """Records a second that arrive and that are applied; None until two looks tell.

    `gaining` is how many seconds of the log are read in one second: 0 for a consumer that stands, 1 for one that
    keeps its distance from the end, more for one that catches up.
    """

    arriving: float | None = None
    applied: float | None = None
    gaining: float | None = None


def next_pace(former: Sample, pace: Pace, sample: Sample) -> Pace:
    """The pace after another look. A topic made anew begins without one, and so does a position set back."""
    seconds = (sample.at - former.at).total_seconds()
    if seconds <= 0:
        return pace
    if sample.end < former.end:
        return Pace()
    arriving = _smoothed(pace.arriving, (sample.end - former.end) / seconds, seconds)
    if sample.position < former.position:
        return Pace(arriving)
    gained = max(0.0, (sample.front - former.front).total_seconds()) / seconds
    return Pace(
        arriving,
        _smoothed(pace.applied, (sample.position - former.position) / seconds, seconds),
        _smoothed(pace.gaining, gained, seconds),
    )


def _smoothed(former: float | None, latest: float, seconds: float) -> float:
    if former is None:
        return latest
    return former + (1 - math.exp(-seconds / SMOOTHING_SECONDS)) * (latest - former)
