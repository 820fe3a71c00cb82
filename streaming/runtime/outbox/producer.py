"""What the outbox needs of a log that is not in the database of the effects."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol, runtime_checkable

from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord


class LaneProducer(Protocol):
    """Never times out; keeps the order of what one thread submits."""

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """See streaming.contracts.log.EventLog.submit."""

    def close(self) -> None:
        """Free what it holds."""


@runtime_checkable
class LaneLog(EventLog, Protocol):
    """A log that records reach through the outbox."""

    def lane_producer(self) -> LaneProducer:
        """A producer of the caller's own."""
