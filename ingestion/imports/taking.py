"""The rows of a block become records for the log, by the rules of the collector."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from compliance.suppression import Suppressions
from ingestion.domain.event_names import EventTopics
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.domain.suppressions import is_suppressed, may_name_suppressed
from ingestion.enums import Result
from ingestion.imports.ledger import Ledger
from ingestion.imports.rows import BadRow, Block, Position, Row, shown
from streaming.contracts.events import QUARANTINE_TOPIC, WireEvent, event_name, record_key
from streaming.contracts.records import NewRecord


@dataclass(slots=True)
class Taken:
    """What a block comes to: records to make durable, and what to remember once they are."""

    start: Position
    end: Position
    records: list[NewRecord] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    suppressed: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    repeated: int = 0
    counts: Counter[tuple[str, str, Result]] = field(default_factory=Counter)

    @property
    def not_in(self) -> list[int]:
        """The numbers of the rows that were read and not taken."""
        return sorted([*(row.number for row in self.bad), *self.suppressed])

    @property
    def brought(self) -> list[int]:
        """The numbers of the rows that were taken."""
        if not self.suppressed:
            return self.read
        left_out = set(self.suppressed)
        return [number for number in self.read if number not in left_out]

    @property
    def names(self) -> set[tuple[str, str]]:
        """The types and names of the events that were accepted."""
        return {(kind, name) for kind, name, result in self.counts if result == Result.ACCEPTED}


class Translates(Protocol):
    """What rows are made of: files and the rows of other systems differ in it."""

    def items(self, row: Row) -> list[dict[str, Any]]:
        """The items of the row, as a client would send them. Raises ItemRejected: then nothing of the row is taken."""

    def readable(self, row: Row) -> dict[str, Any] | None:
        """What of a row that is not taken says who it is about; None when that cannot be told."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for all rows of a block."""

    translation: Translates
    envelope: Envelope
    topics: EventTopics
    suppressions: Suppressions
    ledger: Ledger


def take(block: Block, start: Position, by: Circumstances) -> Taken:
    """Accept or reject every row on its own; leave out those that an earlier import brought in."""
    unread = [row for row in block.bad if not by.ledger.has(row.number)]
    if (
        by.suppressions
    ):  # what could not be read cannot be looked through: its line in the file says where it is
        unread = [row._replace(raw="") for row in unread]
    taken = Taken(start, block.end, bad=unread)
    taken.repeated = len(block.bad) - len(taken.bad)
    has, taking = by.ledger.has if by.ledger.rows_done else None, _Taking(taken, by)
    for row in block.rows:
        if has is not None and has(row.number):
            taken.repeated += 1
            continue
        try:
            taking.take(row)
            taken.read.append(row.number)
        except ItemRejected as rejected:
            taken.bad.append(_bad(row, rejected, by))
    taken.counts.update(taking.counts())
    if taken.bad:
        taken.counts[("", "(row)", Result.REJECTED)] += len(taken.bad)
    return taken


class _Taking:
    """Rows on their way into a block. Hot: what holds for all of them is looked up once."""

    def __init__(self, taken: Taken, by: Circumstances) -> None:
        self._taken, self._envelope = taken, by.envelope
        self._items, self._destination = by.translation.items, by.topics.destination
        self._suppressions = by.suppressions or None
        self._counted: dict[
            tuple[str, str, bool], int
        ] = {}  # under plain texts, so that each is one addition

    def take(self, row: Row) -> None:
        """Take all items of the row, or none of them. Raises ItemRejected."""
        envelope, items = self._envelope, self._items(row)
        if len(items) == 1:  # nearly always
            event = accept_item(items[0], envelope)
            self._take(row, event, encode_accepted(event, items[0]))
            return
        accepted = [(event := accept_item(item, envelope), encode_accepted(event, item)) for item in items]
        for event, value in accepted:
            self._take(row, event, value)

    def _take(self, row: Row, event: WireEvent, value: bytes) -> None:
        taken, kind = self._taken, event["type"]
        if self._suppressions is not None and is_suppressed(event, self._suppressions):
            # Counted without anything that could tell who it was.
            taken.suppressed.append(row.number)
            taken.counts[(kind, kind, Result.SUPPRESSED)] += 1
            return
        topic = self._destination(event)
        taken.records.append(NewRecord(topic, record_key(event["anonymous_id"], event["user_id"]), value))
        counted = kind, event_name(kind, event["event"]), topic == QUARANTINE_TOPIC
        self._counted[counted] = self._counted.get(counted, 0) + 1

    def counts(self) -> dict[tuple[str, str, Result], int]:
        """Of each type and name, how many were taken and how many went to quarantine."""
        return {
            (kind, name, Result.QUARANTINED if is_quarantined else Result.ACCEPTED): events
            for (kind, name, is_quarantined), events in self._counted.items()
        }


def _bad(row: Row, rejected: ItemRejected, by: Circumstances) -> BadRow:
    if by.suppressions and may_name_suppressed(by.translation.readable(row), by.envelope, by.suppressions):
        return BadRow(row.number, row.line, rejected.withheld.reason, "")
    return BadRow(row.number, row.line, rejected.reason, _raw(row.values))


def _raw(values: Sequence[Any]) -> str:
    if all(isinstance(value, str) for value in values):
        line = io.StringIO()
        csv.writer(line).writerow(values)
        return shown(line.getvalue().rstrip("\r\n"))
    return shown(orjson.dumps(values[-1] if isinstance(values[-1], dict) else values, default=str).decode())
