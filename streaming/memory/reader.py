"""Reading the log in memory."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from streaming.contracts.log import OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import Record, TopicPartition
from streaming.memory.partition import Partition


class MemoryReader:
    """See streaming.contracts.log.Reader."""

    def __init__(
        self, partition: Callable[[TopicPartition], Partition], changed: threading.Condition
    ) -> None:
        self._partition = partition
        self._changed = changed
        self._positions: dict[TopicPartition, int] = {}
        self._seen: dict[TopicPartition, Partition] = {}
        self._paused: set[TopicPartition] = set()

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        self._positions = dict(positions)
        self._seen = {place: seen for place, seen in self._seen.items() if place in positions}
        self._paused.clear()

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        self._paused.difference_update(partitions)

    def positions(self) -> Mapping[TopicPartition, int]:
        """See the contract."""
        return dict(self._positions)

    def close(self) -> None:
        """See the contract."""
        self._positions.clear()

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        """See the contract."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (records := self._read(max_records)):
                if (remaining := deadline - time.monotonic()) <= 0:
                    break
                self._changed.wait(remaining)
        return records

    def _read(self, most: int) -> list[Record]:
        records: list[Record] = []
        for place, position in list(self._positions.items()):
            if place in self._paused:
                continue
            partition = self._same(place)
            if not partition.start <= position <= partition.end:
                raise OffsetOutOfRange(place, position, partition.bounds)
            found = partition.read(position, most - len(records))
            records += found
            exhausted = not found or found[-1] is partition.records[-1]
            # At the end of the order, so that the next poll begins with another partition.
            del self._positions[place]
            self._positions[place] = partition.end if exhausted else found[-1].offset + 1
            if len(records) >= most:
                break
        return records

    def _same(self, place: TopicPartition) -> Partition:
        """The partition that was read before, not that of a topic recreated under the name."""
        partition = self._partition(place)
        if self._seen.setdefault(place, partition) is not partition:
            raise UnknownTopic(f"the topic {place.topic!r} was deleted")
        return partition
