"""Reading topics to where they end now, and what that reading proves of what they held."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from streaming.contracts.log import EventLog, LogUnavailable, OffsetOutOfRange, Reader
from streaming.contracts.records import Bounds, Record, TopicPartition

READ_AT_ONCE = 5000
POLL_S = 1.0
SILENT_S = 60.0


class Extent(NamedTuple):
    """What was read of a partition: the offsets from `begin` to `end`, of which `first` exists.

    `whole` says that the log never deleted anything of it. `moved` says that it did so while it was read: then
    `first` is one of the records that it still has, not necessarily the first.
    """

    begin: int
    end: int
    first: int | None
    first_at: datetime | None
    whole: bool
    moved: bool


class LogReading:
    """One pass over topics, from `since` on to where they end when it is made. Raises LogError."""

    def __init__(self, log: EventLog, topics: Collection[str], since: datetime) -> None:
        self._log = log
        counts = log.topics()
        self.places = [
            TopicPartition(topic, number)
            for topic in sorted(topics)
            for number in range(counts.get(topic, 0))
        ]
        self.bounds = log.bounds(self.places) if self.places else {}
        young = log.offsets_at(self.places, since) if self.places else {}
        self._begin = {place: max(self.bounds[place].start, young[place]) for place in self.places}
        self._samples: dict[TopicPartition, list[tuple[int, datetime]]] = defaultdict(list)

    @property
    def total(self) -> int:
        """How many records there are to read, gaps included."""
        return sum(max(0, self.bounds[place].end - self._begin[place]) for place in self.places)

    def records(self) -> Iterator[Sequence[Record]]:
        """All of them, some thousand at once. What retention takes meanwhile is passed over."""
        todo = {place for place in self.places if self._begin[place] < self.bounds[place].end}
        source = self._log.reader()
        try:
            source.assign({place: self._begin[place] for place in todo})
            progressed_at = time.monotonic()
            while todo:
                records = [r for r in self._polled(source) if r.offset < self.bounds[r.topic_partition].end]
                if records:
                    self._sample(records)
                    yield records
                positions = source.positions()
                done = {place for place in todo if positions[place] >= self.bounds[place].end}
                if done or records:
                    progressed_at = time.monotonic()
                if time.monotonic() - progressed_at > SILENT_S:
                    raise LogUnavailable(f"nothing comes of {len(todo)} partitions: {min(todo)}")
                source.pause(done)
                todo -= done
        finally:
            source.close()

    @staticmethod
    def _polled(source: Reader) -> list[Record]:
        try:
            return source.poll(READ_AT_ONCE, POLL_S)
        except OffsetOutOfRange as gone:
            source.assign({**source.positions(), gone.topic_partition: gone.bounds.start})
            return []

    def _sample(self, records: Sequence[Record]) -> None:
        seen: set[TopicPartition] = set()
        for record in records:
            place = record.topic_partition
            if place not in seen:
                seen.add(place)
                self._samples[place].append((record.offset, record.appended_at))

    def extents(self) -> dict[TopicPartition, Extent]:
        """What is proven now that everything was read."""
        now = self._log.bounds(self.places) if self.places else {}
        return {place: self._extent(place, now[place]) for place in self.places}

    def _extent(self, place: TopicPartition, now: Bounds) -> Extent:
        begin = max(self._begin[place], now.start)
        samples = (each for each in self._samples[place] if each[0] >= begin)
        first, first_at = next(samples, (None, None))
        moved = now.start > self._begin[place]
        return Extent(begin, self.bounds[place].end, first, first_at, whole=begin == 0, moved=moved)


def by_topic(extents: Mapping[TopicPartition, Extent]) -> dict[str, list[Extent]]:
    """The extents of each topic."""
    found: dict[str, list[Extent]] = {}
    for place, extent in extents.items():
        found.setdefault(place.topic, []).append(extent)
    return found
