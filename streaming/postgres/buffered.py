"""A partition being read: what was fetched of it and not yet returned, and where to go on."""

from collections import deque
from itertools import islice

from streaming.contracts.records import Record, TopicPartition

_ASSUMED_RECORD_BYTES = 32 * 1024  # of a partition not read yet: as large as events may be


class BufferedPartition:
    """One of the partitions that a reader was given. Its `topic_id` is known once it was found in the log."""

    __slots__ = (
        "average",
        "buffer",
        "day",
        "fetch_at",
        "partition",
        "paused",
        "position",
        "ready",
        "topic_id",
    )

    def __init__(self, partition: TopicPartition, position: int) -> None:
        self.partition = partition
        self.position = position
        self.fetch_at = position
        self.buffer: deque[Record] = deque()
        self.topic_id: int | None = None
        self.day = 0
        self.ready = True
        self.paused = False
        self.average = _ASSUMED_RECORD_BYTES

    def take(self, most: int) -> list[Record]:
        """The next records of the buffer, which are returned by that."""
        records = list(islice(self.buffer, most))
        for _ in records:
            self.buffer.popleft()
        self._settle()
        return records

    def went_on(self, *, asked: int, highest_deleted: int) -> None:
        """Fetch behind what came the next time, and at once where as many came as were asked for."""
        if self.buffer:
            self.fetch_at = self.buffer[-1].offset + 1
            self.average = 1 + sum(len(record.value or b"") for record in self.buffer) // len(self.buffer)
        if len(self.buffer) >= asked:
            self.ready = True
        else:
            self.fetch_at = max(self.fetch_at, highest_deleted + 1)
        self._settle()

    def _settle(self) -> None:
        """Move the position behind what was returned, and behind the gaps that follow it."""
        self.position = self.buffer[0].offset if self.buffer else self.fetch_at
