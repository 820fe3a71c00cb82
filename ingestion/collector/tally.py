"""What an event loop counts and shows: merged per request, handed over once a second."""

from dataclasses import dataclass, field

from ingestion.domain.reports import Sample
from ingestion.enums import Result

LIVE_PER_SECOND = 60
LIVE_OTHERS_PER_SECOND = (
    40  # rejected and suppressed items have room of their own: they are what one looks for
)
MAX_NAMES = 2000
OTHER_NAMES = "(other names)"

Counted = dict[tuple[int, str, str, str], int]  # (source id, type, name, result)


@dataclass(slots=True)
class Tally:
    """Counts, samples and answers since the last hand-over. Belongs to one event loop."""

    counts: Counted = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    others: list[Sample] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many more accepted items may be shown this second."""
        return LIVE_PER_SECOND - len(self.samples)

    @property
    def room_for_others(self) -> int:
        """How many more rejected or suppressed items may be shown this second."""
        return LIVE_OTHERS_PER_SECOND - len(self.others)

    def answered(self, status: int) -> None:
        """Count an answer."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def add(self, counts: Counted, samples: list[Sample], others: list[Sample], *, spooled: bool) -> None:
        """Count a request's items once it is known where they are."""
        for key, events in counts.items():
            place = key
            if spooled and key[3] is Result.ACCEPTED.value:
                place = (*key[:3], Result.SPOOLED.value)
            if place not in self.counts and len(self.counts) >= MAX_NAMES:
                place = (place[0], place[1], OTHER_NAMES, place[3])
            self.counts[place] = self.counts.get(place, 0) + events
        if samples:
            kept = samples[: self.room]
            self.samples += [s._replace(result=Result.SPOOLED.value) for s in kept] if spooled else kept
        if others:
            self.others += others[: self.room_for_others]
