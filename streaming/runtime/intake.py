"""The thread that reads ahead: it polls the log, closes batches and has the consumer prepare them."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from streaming.contracts.log import EventLog, LogError, LogUnavailable, Reader
from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.complaints import Complaint
from streaming.runtime.consumer import Consumer
from streaming.runtime.inbox import Inbox
from streaming.runtime.piece import Piece, PreparationFailed, ends_of
from streaming.runtime.progress import Progress

_IDLE_POLL_SECONDS = 0.25
_RETRY_SECONDS = 1.0
MAX_BATCH_BYTES = 16 * 1024 * 1024  # of values; a reader returns no more than about that at once
_QUIET_SECONDS = 1.0  # how often positions move that no record moves, such as beyond gaps
_VALUE = itemgetter(Record._fields.index("value"))
logger = logging.getLogger(__name__)

Admit = Callable[[Sequence[Record]], tuple[Sequence[Record], Exception | None]]
"""Drops repetitions; returns what stands before a fault, and the fault."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What to read from where, and what to drop of it."""

    generation: int
    positions: Mapping[TopicPartition, int]
    admit: Admit | None = None


@dataclass(slots=True)
class _Reading:
    """An assignment under way."""

    assignment: Assignment
    reader: Reader
    reported: dict[TopicPartition, int] = field(init=False)
    moved_at: float = 0.0

    def __post_init__(self) -> None:
        self.reported = dict(self.assignment.positions)

    def ends(self) -> dict[TopicPartition, int]:
        """The positions that moved since the last call."""
        reported = self.reported
        return {
            place: position
            for place, position in self.reader.positions().items()
            if reported.get(place) != position
        }


class Intake:
    """Fills the inbox with prepared pieces of the newest assignment."""

    def __init__(self, consumer: Consumer, log: EventLog, inbox: Inbox, progress: Progress) -> None:
        self._consumer, self._log, self._inbox, self._progress = consumer, log, inbox, progress
        self._complaint = Complaint(logger, "the log cannot be read now", consumer.name)
        self._changed = threading.Condition()
        self._assignment: Assignment | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"{consumer.name} reading", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def assign(self, positions: Mapping[TopicPartition, int], admit: Admit | None = None) -> None:
        """Read exactly these partitions from these positions; whatever was read before is dropped."""
        generation = self._inbox.clear_work()
        with self._changed:
            self._assignment = Assignment(generation, dict(positions), admit)
            self._changed.notify_all()

    def close(self) -> None:
        """End."""
        self._inbox.clear_work()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        reader = None
        while (assignment := self._next()) is not None:
            try:
                reader = reader or self._log.reader()
                reader.assign(assignment.positions)
                self._read(_Reading(assignment, reader))
            except LogUnavailable as error:
                self._wait_for_log(error)
            except Exception as error:  # noqa: BLE001 -- raised again in the worker's thread, which decides
                self._hand_over(assignment, error)
                if reader is not None:
                    reader.close()
                reader = None
        if reader is not None:
            reader.close()

    def _next(self) -> Assignment | None:
        """The newest assignment that is not done with; waits for one with partitions."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._assignment and self._assignment.positions))
            return None if self._closed else self._assignment

    def _is_current(self, assignment: Assignment) -> bool:
        return self._assignment is assignment and not self._closed

    def _hand_over(self, assignment: Assignment, error: Exception) -> None:
        self._inbox.put_work(assignment.generation, error)
        with self._changed:
            if self._assignment is assignment:
                self._assignment = None

    def _wait_for_log(self, error: LogError) -> None:
        self._progress.wait_for_log(str(error))
        self._complaint.say(str(error))
        with self._changed:
            self._changed.wait_for(lambda: self._closed, _RETRY_SECONDS)

    def _read(self, reading: _Reading) -> None:
        while self._is_current(reading.assignment):
            try:
                records = self._collect(reading.reader)
            except LogUnavailable as error:
                self._wait_for_log(error)
                continue
            self._progress.wait_for_log("")
            self._complaint.over()
            self._pass_on(reading, records)

    def _collect(self, reader: Reader) -> Sequence[Record]:
        """Records until the batch is full, or its first one has waited long enough."""
        most = self._consumer.max_records
        records = reader.poll(most, _IDLE_POLL_SECONDS)
        room = MAX_BATCH_BYTES - _bytes(records)
        if not records or len(records) >= most or room <= 0:
            return records
        closes_at = time.monotonic() + self._consumer.max_wait
        with contextlib.suppress(LogError):  # it comes again; what was read before it must not be lost
            while len(records) < most and room > 0 and (remaining := closes_at - time.monotonic()) > 0:
                more = reader.poll(most - len(records), remaining)
                records += more
                room -= _bytes(more)
        return records

    def _pass_on(self, reading: _Reading, records: Sequence[Record]) -> None:
        fault = None
        if records and reading.assignment.admit is not None:
            records, fault = reading.assignment.admit(records)
        now = time.monotonic()
        if records or now - reading.moved_at >= _QUIET_SECONDS or fault:
            reading.moved_at = now
            ends = ends_of(records) if fault else reading.ends()
            self._put(reading, Piece(records, ends, self._prepare(records) if records else None))
        if fault is not None:
            raise fault

    def _put(self, reading: _Reading, piece: Piece) -> None:
        if piece.ends and self._inbox.put_work(reading.assignment.generation, piece):
            reading.reported.update(piece.ends)

    def _prepare(self, records: Sequence[Record]) -> Any:
        try:
            with self._progress.preparing():
                return self._consumer.prepare(records)
        except Exception as error:  # noqa: BLE001 -- raised again where `process` would be called
            return PreparationFailed(error)


def _bytes(records: Sequence[Record]) -> int:
    """What the values take; without a step of Python's for each record."""
    return sum(map(len, filter(None, map(_VALUE, records))))
