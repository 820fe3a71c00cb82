"""Rows as they were read from a file, and how far the reading has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, repeat
from typing import Any, NamedTuple

from ingestion.domain.events import repaired

SHOWN = 400


class Row(NamedTuple):
    """A row that could be read. `number` counts rows from 1, without header and blank lines; so does `line`."""

    number: int
    line: int
    values: Sequence[Any]
    """One value per column of the format; a Segment call as a whole is the only value."""


def numbered(values: Iterable[Sequence[Any]], after: int) -> list[Row]:
    """Rows of these values, of no lines, with the numbers after this one. Made in half the time of one call a row."""
    rows: Iterable[Row] = map(
        tuple.__new__, repeat(Row), zip(count(after + 1), repeat(0), values, strict=False)
    )
    return list(rows)


class BadRow(NamedTuple):
    """A row that was not taken. `raw` is the beginning of it as it stands in the file."""

    number: int
    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Position:
    """What has been read: bytes of UTF-8 content, lines and rows. Reading may begin again at any position."""

    offset: int = 0
    line: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A few thousand rows, and the position after them. The same file gives the same rows from any position."""

    end: Position
    rows: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def shown(raw: str) -> str:
    """The beginning of a row, fit for a text column: without NUL and what is not text."""
    return str(repaired(raw[:SHOWN]))
