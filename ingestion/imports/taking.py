"""The rows of a block become records for the log, by the rules of the collector."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

import orjson

from compliance.suppression import Suppressions
from ingestion.domain.event_names import EventTopics
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.domain.suppressions import is_suppressed, may_be_suppressed, may_name_suppressed
from ingestion.enums import Result
from ingestion.imports.ledger import Ledger
from ingestion.imports.rows import BadRow, Block, Position, Row, shown
from streaming.contracts.events import QUARANTINE_TOPIC, WireEvent, event_name, record_key
from streaming.contracts.records import NewRecord, keyed_records

TOGETHER = 100  # rows: what is made of them fits into the caches of a processor
_TYPE_AND_EVENT = itemgetter("type", "event")


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

    def items_of(self, rows: Sequence[Row]) -> list[list[dict[str, Any]]]:
        """The items of each row, as a client would send them. Raises ItemRejected when there is one that cannot be read.

        Then the rows are asked for apart: of one alone it says what is wrong with it, and nothing of it is taken.
        """

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
    rows = block.rows
    if by.ledger.rows_done:
        rows = [row for row in rows if not by.ledger.has(row.number)]
        taken.repeated += len(block.rows) - len(rows)
    taking = _Taking(taken, by)
    for first in range(0, len(rows), TOGETHER):
        taking.take(rows[first : first + TOGETHER])
    taken.counts.update(taking.counts())
    if taken.bad:
        taken.counts[("", "(row)", Result.REJECTED)] += len(taken.bad)
    return taken


class _KnownTopics(dict[tuple[str, str | None], str]):
    """The topic of each type and event, looked up once."""

    def __init__(self, topics: EventTopics) -> None:
        super().__init__()
        self._topics = topics

    def __missing__(self, name: tuple[str, str | None]) -> str:
        self[name] = topic = self._topics.topic_of(*name)
        return topic


class _Taking:
    """Rows on their way into a block.

    Hot: what holds for all rows is looked up once, and each step is done for some of them before the next step is. The
    processor holds the code of one step at hand, not that of all, so that a row takes two thirds of the time.
    """

    def __init__(self, taken: Taken, by: Circumstances) -> None:
        self._taken, self._by, self._envelope = taken, by, by.envelope
        self._items_of, self._destination = by.translation.items_of, by.topics.destination
        self._topics = _KnownTopics(by.topics)
        self._suppressions = by.suppressions or None
        self._counted: Counter[tuple[tuple[str, str | None], str]] = Counter()

    def take(self, rows: Sequence[Row]) -> None:
        """Take each row, all items of it or none of them."""
        try:
            made, events, values = self._made(rows)
        except ItemRejected as rejected:
            self._take_apart(rows, rejected)
            return
        self._taken.read += [row.number for row in rows]
        if self._suppressions is not None and may_be_suppressed(events, self._suppressions):
            of = [row.number for row, items in zip(rows, made, strict=True) for _ in items]
            events, values = self._left(of, events, values, self._suppressions)
        self._keep(events, values)

    def _made(self, rows: Sequence[Row]) -> tuple[list[list[dict[str, Any]]], list[WireEvent], list[bytes]]:
        """The items of each row, and the events of them all. Raises ItemRejected: one of the rows cannot be taken."""
        envelope = self._envelope
        made = self._items_of(rows)
        items = list(chain.from_iterable(made))
        events = [accept_item(item, envelope) for item in items]
        return made, events, list(map(encode_accepted, events, items))

    def _take_apart(self, rows: Sequence[Row], rejected: ItemRejected) -> None:
        """Find the rows that cannot be taken by halves, for most can."""
        if len(rows) == 1:
            self._taken.bad.append(_bad(rows[0], rejected, self._by))
            return
        half = len(rows) // 2
        self.take(rows[:half])
        self.take(rows[half:])

    def _left(
        self, numbers: list[int], events: list[WireEvent], values: list[bytes], people: Suppressions
    ) -> tuple[list[WireEvent], list[bytes]]:
        """What may be kept. The rest is counted without anything that could tell who it was."""
        kept_events, kept_values = [], []
        for number, event, value in zip(numbers, events, values, strict=True):
            if is_suppressed(event, people):
                self._taken.suppressed.append(number)
                self._taken.counts[(event["type"], event["type"], Result.SUPPRESSED)] += 1
            else:
                kept_events.append(event)
                kept_values.append(value)
        return kept_events, kept_values

    def _keep(self, events: list[WireEvent], values: list[bytes]) -> None:
        names = list(map(_TYPE_AND_EVENT, events))
        if self._envelope.rules is None:  # so that none is in quarantine
            topics = list(map(self._topics.__getitem__, names))
        else:
            topics = list(map(self._destination, events))
        keys = [record_key(event["anonymous_id"], event["user_id"]) for event in events]
        self._taken.records += keyed_records(topics, keys, values)
        self._counted.update(zip(names, topics, strict=True))

    def counts(self) -> dict[tuple[str, str, Result], int]:
        """Of each type and name, how many were taken and how many went to quarantine."""
        counts: Counter[tuple[str, str, Result]] = Counter()
        for ((kind, event), topic), times in self._counted.items():
            result = Result.QUARANTINED if topic == QUARANTINE_TOPIC else Result.ACCEPTED
            counts[kind, event_name(kind, event), result] += times
        return counts


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
