"""Partitions whose next message cannot be processed now: they wait by themselves, and the others go on."""

import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streaming.contracts.records import TopicPartition
from streaming.runtime.timing import Timing


@dataclass(slots=True)
class Parking:
    """The partitions of one worker that wait, with the reasons. All are tried again together, after growing pauses.

    What was read of a parked partition is dropped: it is read again from its position, so its order stands.
    `changed` says that reading must be begun anew.
    """

    places: dict[TopicPartition, str] = field(default_factory=dict)
    changed: bool = False
    _tried: dict[TopicPartition, str] = field(default_factory=dict)  # again, and nothing is known of it yet
    _due_at: float = 0.0
    _pause: float = 0.0

    def park(self, place: TopicPartition, why: str, timing: Timing) -> None:
        """Have the partition wait; longer than the last time, if it did not get ahead since."""
        if not self.places:
            again = place in self._tried
            longer = min(max(self._pause * 2, timing.first_pause), timing.longest_pause)
            self._pause = longer if again else timing.first_pause
            self._due_at = time.monotonic() + self._pause * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads retries
        self.places[place] = why
        self.changed = True

    def release(self) -> bool:
        """Have all of them read again if it is time; says whether it was."""
        if not self.places or self.seconds_left > 0:
            return False
        self._tried |= self.places
        self.places.clear()
        return True

    def got_ahead(self, places: Iterable[TopicPartition]) -> None:
        """These were committed."""
        for place in places:
            self._tried.pop(place, None)

    def forget(self, lost: Iterable[TopicPartition]) -> None:
        """These are no longer the worker's."""
        for place in lost:
            self.places.pop(place, None)
            self._tried.pop(place, None)

    @property
    def seconds_left(self) -> float:
        """How long until they are tried again; endless while none waits."""
        return max(0.0, self._due_at - time.monotonic()) if self.places else float("inf")

    def open_among(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Where to go on in the partitions that do not wait."""
        return {place: offset for place, offset in offsets.items() if place not in self.places}

    @property
    def why(self) -> str:
        """What waits and why, for people; empty when nothing does."""
        waiting = self._tried | self.places
        if not waiting:
            return ""
        (topic, number), reason = next(iter(waiting.items()))
        rest = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        return f"{topic}/{number}{rest} waits, the others go on: {reason}"
