"""Whether an identifier of a pair for review looks as if it had been given to another person. Reads nothing."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from uuid import UUID

from profiles.domain.queries.links import End
from profiles.domain.queries.reviews import PairInFull

SILENCE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The identifier `end` of a person (by id), who was silent for `days` before the other was first seen on `day`."""

    person: UUID
    end: End
    day: date
    days: int


def passed_on(pair: PairInFull) -> PassedOn | None:
    """What the one had who was seen no more for SILENCE when the other came, and was seen with the other then."""
    former, later = sorted(pair.sides, key=lambda side: side.person.first_seen)
    last, first = former.person.last_seen, later.person.first_seen
    if last is None or first - last < SILENCE or not pair.is_open:
        return None
    is_first_side = former is pair.sides[0]
    ends = (end for link in pair.links if link.id in pair.open for end in (link.a, link.b))
    end = next((each for each in ends if each.is_own is is_first_side), None)
    if end is None:
        return None
    return PassedOn(former.person.id, end, first.astimezone(UTC).date(), (first - last).days)
