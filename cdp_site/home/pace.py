"""How much arrives, compared with yesterday."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.access import Actor
from ingestion.domain.queries import arrived_between, events_per_minute
from ingestion.domain.queries.volumes import TAKEN

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTES = 5
_ALIKE = 0.02


@dataclass(frozen=True, slots=True)
class Pace:
    """Events per minute in the last five minutes and at the same time yesterday, and minute by minute for an hour."""

    per_minute: float
    yesterday: float
    by_minute: list[int]

    @property
    def words(self) -> str:
        """The comparison."""
        if not self.yesterday:
            return "nothing at this time yesterday"
        change = self.per_minute / self.yesterday - 1
        if abs(change) < _ALIKE:
            return "as yesterday at this time"
        return f"{abs(change):.0%} {'more' if change > 0 else 'less'} than yesterday"


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the items of a span of time."""

    taken: int
    rejected: int

    @property
    def rejected_share(self) -> float:
        """Between 0 and 1."""
        return self.rejected / (self.taken + self.rejected) if self.rejected else 0.0


def pace(*, now: datetime, actor: Actor | None = None) -> Pace:
    """As of now, by whole minutes."""
    minute = now.replace(second=0, microsecond=0)
    series = events_per_minute(start=minute - HOUR, end=minute, actor=actor)
    by_minute = [sum(column) for column in zip(*(one.events for one in series), strict=True)]
    recent = timedelta(minutes=MINUTES)
    return Pace(
        per_minute=sum(by_minute[-MINUTES:]) / MINUTES,
        yesterday=intake(minute - DAY - recent, minute - DAY, actor=actor).taken / MINUTES,
        by_minute=by_minute,
    )


def intake(start: datetime, end: datetime, *, actor: Actor | None = None) -> Intake:
    """What arrived in these minutes from sources that the actor may see."""
    arrived = arrived_between(start=start, end=end, actor=actor)
    return Intake(sum(arrived[result] for result in TAKEN), arrived["rejected"])
