"""The watermark of a consumer that reads what another one publishes.

That the one has applied everything up to a moment does not say that the other has read what it published of it: a
watermark of the first may be used by the second once the outbox is past what was in it then, and the second has read
what was in the log then. That takes a while, so what is waited for is kept by the caller from one look to the next.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicPartition
from streaming.database import fetch
from streaming.domain.catching_up import unread_ends
from streaming.domain.watermark import watermark

_LANES = "SELECT id, last_number FROM outbox_lane WHERE consumer = %s"
_UNSENT = """
SELECT EXISTS (SELECT FROM outbox_record r JOIN unnest(%s::bigint[], %s::bigint[]) AS l(id, number) ON r.lane = l.id
    WHERE r.number <= l.number)
"""
_POSITIONS = "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = %s"


@dataclass(slots=True)
class Following:
    """What is waited for: that `lanes` are sent up to their numbers, then that the reader is at `ends`.

    `at` is the watermark that can be used then. All of it can be kept as JSON.
    """

    at: str
    lanes: list[tuple[int, int]]
    ends: list[tuple[str, int, int]] | None = None

    @classmethod
    def begin(cls, upstream: str, *, log: EventLog, now: datetime) -> Self:
        """Take the watermark of the consumer that publishes. Raises LogError."""
        at = watermark(upstream, log=log, now=now).at
        lanes = [(lane, number) for lane, number in fetch(_LANES, [upstream])]
        return cls(at.isoformat(), lanes)

    @classmethod
    def kept(cls, state: dict[str, Any]) -> Self:
        """From what `keep` gave."""
        return cls(
            state["at"],
            [tuple(each) for each in state["lanes"]],
            state["ends"] and [tuple(e) for e in state["ends"]],
        )

    def keep(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def arrived(self, reader: str, *, log: EventLog) -> datetime | None:
        """The watermark, once it may be used by `reader`; else None: look again later. Raises LogError."""
        if self.ends is None:
            lanes = [list(each) for each in zip(*self.lanes, strict=True)] or [[], []]
            if fetch(_UNSENT, lanes) == [(True,)]:
                return None
            ends = unread_ends(log, [reader])
            self.ends = [(place.topic, place.partition, end) for (_, place), end in ends.items()]
        return datetime.fromisoformat(self.at) if self._is_read(self.ends, reader, log) else None

    @staticmethod
    def _is_read(ends: list[tuple[str, int, int]], reader: str, log: EventLog) -> bool:
        positions = {TopicPartition(*row[:2]): row[2] for row in fetch(_POSITIONS, [reader])}
        awaited = {TopicPartition(topic, number): end for topic, number, end in ends}
        unread = [place for place, end in awaited.items() if positions.get(place, 0) < end]
        if not unread:
            return True
        # A topic that was made anew has another end: what was waited for went with the former one.
        counts = log.topics()
        there = [place for place in unread if place.partition < counts.get(place.topic, 0)]
        bounds = log.bounds(there) if there else {}
        return all(
            place in bounds and positions.get(place, 0) >= min(awaited[place], bounds[place].end)
            for place in unread
        )
