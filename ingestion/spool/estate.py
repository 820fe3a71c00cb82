"""What a host that died left in its spool: emptied from its directory, wherever that is now."""

import heapq
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from ingestion.spool.aside import DIRECTORY as EXPIRED_DIRECTORY
from ingestion.spool.aside import EXPIRED, bytes_aside
from ingestion.spool.directory import SUFFIX, SpoolDirectory, is_of_a_process
from ingestion.spool.frames import decode_frames
from ingestion.spool.segment import sync_directory
from ingestion.spool.sending import Destination, Piece, batches, pieces, send

logger = logging.getLogger(__name__)


class InUse(Exception):
    """A process on this machine has the directory, and empties it itself."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


@dataclass(slots=True)
class Settled:
    """What became of an estate. `too_old` are segments that were left where they are."""

    records: int = 0
    segments: int = 0
    bytes_aside: int = 0
    too_old: list[Path] = field(default_factory=list)


def spool_root(directory: Path) -> Path:
    """The spool of a host, given that directory or the HEADWATER_HOME that it stands in."""
    inner = directory / "spool"
    return inner if inner.is_dir() else directory


def process_names(root: Path) -> list[str]:
    """The processes whose spools stand below the root."""
    return sorted(path.name for path in root.iterdir() if path.is_dir() and path.name != EXPIRED_DIRECTORY)


def spools_below(root: Path) -> list[Path]:
    """The spools of processes below the root, and what a relay set aside there as too old.

    The root may be any directory: what else is in it is none of ours.
    """
    found = [root / name for name in process_names(root) if is_of_a_process(root / name)]
    kept = root / EXPIRED_DIRECTORY
    return [*found, kept] if _segments(kept) else found


def _segments(path: Path) -> list[Path]:
    return sorted([*path.glob(f"*{SUFFIX}"), *path.glob(f"*{EXPIRED}")])


def settle(
    root: Path,
    destination: Destination,
    *,
    window: float,
    now: float,
    pause: Callable[[float], object] = time.sleep,
) -> Settled:
    """Append all that is left below the root to the log, and delete each segment once the log has it.

    The records of all processes go in the order in which they were received, those of each process in their own.
    Interrupted, the next call goes on: what was sent of a segment is then sent again, with the same message ids.
    Segments older than `window` seconds stay. Rests between batches. Raises InUse, LogError, OSError.
    """
    settled, before = Settled(), bytes_aside(root)
    with ExitStack() as held:
        heirs = [_Heir(_adopted(path, held), settled, now - window) for path in spools_below(root)]
        merged = heapq.merge(*(heir.pieces() for heir in heirs), key=_received_at)
        for batch in batches(merged):
            rest = send(destination, batch)
            settled.records += len(batch)
            for heir in heirs:
                heir.forget_sent(batch)
            pause(rest)
        for heir in heirs:
            heir.forget_sent([])
    settled.bytes_aside = bytes_aside(root) - before
    return settled


def _adopted(path: Path, held: ExitStack) -> SpoolDirectory:
    directory = SpoolDirectory.adopt(path)
    if directory is None:
        raise InUse(path)
    held.callback(directory.release)
    return directory


class _Heir:
    """Reads the directory of one process, segment by segment, and deletes those whose records the log has."""

    def __init__(self, directory: SpoolDirectory, settled: Settled, oldest: float) -> None:
        self._directory, self._settled, self._oldest = directory, settled, oldest
        self._unsent: dict[Path, int] = {}  # how many records of a segment that was read are not in the log

    def pieces(self) -> Iterator[Piece]:
        """All records that may be sent."""
        for segment in _segments(self._directory.path):
            data = segment.read_bytes()
            first = next(decode_frames(data), None)
            if first is not None and first.spooled.received_at < self._oldest:
                self._settled.too_old.append(segment)
                continue
            found = list(pieces(segment, data))
            self._unsent[segment] = len(found)
            yield from found

    def forget_sent(self, batch: list[Piece]) -> None:
        """Delete what is over with this batch."""
        for piece in batch:
            if piece.segment in self._unsent:
                self._unsent[piece.segment] -= 1
        for segment in [path for path, unsent in self._unsent.items() if not unsent]:
            segment.unlink(missing_ok=True)
            sync_directory(segment.parent)
            del self._unsent[segment]
            self._settled.segments += 1


_received_at = attrgetter("frame.spooled.received_at")
