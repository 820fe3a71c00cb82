"""The records of one partition. Callers hold the log's lock."""

from bisect import bisect_left
from datetime import datetime
from operator import attrgetter

from streaming.contracts.records import Bounds, Record

_offset = attrgetter("offset")
_appended_at = attrgetter("appended_at")


class Partition:
    """Records in order of offset, with gaps where some were deleted."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.start = 0
        self.end = 0

    @property
    def bounds(self) -> Bounds:
        """What can be read."""
        return Bounds(self.start, self.end)

    def append(self, record: Record) -> None:
        """Add a record whose offset is `end`."""
        self.records.append(record)
        self.end = record.offset + 1

    def read(self, offset: int, most: int) -> list[Record]:
        """Up to `most` records from `offset` on."""
        first = bisect_left(self.records, offset, key=_offset)
        return self.records[first : first + most]

    def offset_at(self, at: datetime) -> int:
        """The first offset appended at or after `at`, else the end."""
        first = bisect_left(self.records, at, key=_appended_at)
        return self.records[first].offset if first < len(self.records) else self.end

    def delete_before(self, offset: int) -> None:
        """Let go of what stands before `offset`, and move the start there."""
        offset = min(offset, self.end)
        if offset > self.start:
            del self.records[: bisect_left(self.records, offset, key=_offset)]
            self.start = offset
