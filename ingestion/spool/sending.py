"""Spooled records on their way into the log: in batches, each appended whole before anything else happens to it."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from ingestion.spool.aside import DAMAGED, REFUSED, set_bytes_aside
from ingestion.spool.frames import Damage, Frame, salvage
from streaming.contracts.log import RecordTooLarge
from streaming.contracts.records import NewRecord

BATCH_RECORDS = 1000
BATCH_BYTES = 1024 * 1024
LONGEST_REST_S = 1.0

logger = logging.getLogger(__name__)


class Destination(Protocol):
    """Where spooled records go."""

    def opened(self) -> object:
        """Reach it. Raises LogError while it cannot be reached."""

    def append(self, records: Sequence[NewRecord]) -> None:
        """Append durably. Raises LogError."""


class Piece(NamedTuple):
    """An intact record and the segment that it stands in."""

    segment: Path
    frame: Frame


def pieces(segment: Path, data: bytes, start: int = 0) -> Iterator[Piece]:
    """The intact records of a segment from `start` on; damage between or behind them is set aside on the way."""
    for each in salvage(data, start):
        if isinstance(each, Damage):
            _set_aside(segment, data[each.begin : each.end], DAMAGED, each.begin)
        else:
            yield Piece(segment, each)


def batches(all_pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Batches of up to 1,000 records and about a megabyte, in the same order."""
    batch: list[Piece] = []
    size = 0
    for piece in all_pieces:
        batch.append(piece)
        size += len(piece.frame.spooled.record.value or b"")
        if len(batch) >= BATCH_RECORDS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def send(destination: Destination, batch: Sequence[Piece]) -> float:
    """Append all of it; a record that the log will never take is set aside alone. Raises LogError.

    Returns how many seconds to rest before the next one: as many as this one took, so that new traffic has the log
    for at least half of the time, however much waits.
    """
    started = time.monotonic()
    _append(destination, batch)
    return min(time.monotonic() - started, LONGEST_REST_S)


def _append(destination: Destination, batch: Sequence[Piece]) -> None:
    try:
        destination.append([piece.frame.spooled.record for piece in batch])
    except RecordTooLarge as error:
        if len(batch) == 1:
            [(segment, frame)] = batch
            logger.error("the log will never take a spooled record, it is set aside: %s", error)  # noqa: TRY400 -- the trace says nothing more
            _set_aside(segment, frame.spooled.record.value or b"", REFUSED, frame.end)
            return
        middle = len(batch) // 2
        _append(destination, batch[:middle])
        _append(destination, batch[middle:])


def _set_aside(segment: Path, data: bytes, suffix: str, at: int) -> None:
    aside = set_bytes_aside(segment, data, suffix, at=at)
    logger.error("%d bytes of a spooled segment were set aside as %s", len(data), aside)
