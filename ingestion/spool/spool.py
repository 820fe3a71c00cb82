"""The spool of one process: one thread writes groups, each durable before its future is done."""

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from ingestion.spool.directory import SpoolDirectory
from ingestion.spool.frames import encode_frames
from ingestion.spool.segment import Segment
from streaming.contracts.records import NewRecord

SEGMENT_BYTES = 16 * 1024 * 1024


class SpoolFull(Exception):
    """The spool has reached its cap: what does not fit cannot be accepted."""


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What waits on disk. `oldest` is when its oldest record was received (seconds since 1970)."""

    records: int = 0
    bytes: int = 0
    oldest: float | None = None


@dataclass(slots=True)
class SealedSegment:
    """A segment that takes no more records."""

    path: Path
    records: int
    bytes: int
    oldest: float


@dataclass(slots=True)
class _Write:
    data: bytes
    records: int
    received_at: float
    done: Future[None]


class Spool:
    """Thread-safe. `append` never blocks; what it promised survives the process and the machine's power."""

    def __init__(self, root: Path, name: str, *, limit: int) -> None:
        self._root, self._name, self._limit = root, name, limit
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._sealed: list[SealedSegment] = []
        self._directory: SpoolDirectory | None = None
        self._segment: Segment | None = None
        self._open: SealedSegment | None = None
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    @property
    def root(self) -> Path:
        """The directory below which all processes have theirs."""
        return self._root

    def append(self, records: Sequence[NewRecord], received_at: float) -> Future[None]:
        """Write a group. The future fails with SpoolFull, or OSError when the disk does not take it."""
        done: Future[None] = Future()
        self._writes.put(_Write(encode_frames(records, received_at), len(records), received_at, done))
        return done

    def status(self) -> SpoolStatus:
        """What waits now."""
        with self._lock:
            waiting = [*self._sealed, *([self._open] if self._open and self._open.records else [])]
        if not waiting:
            return SpoolStatus()
        return SpoolStatus(
            sum(segment.records for segment in waiting),
            sum(segment.bytes for segment in waiting),
            min(segment.oldest for segment in waiting),
        )

    def take_sealed(self) -> SealedSegment | None:
        """The oldest segment, sealed if it was still open; it stays in the spool until `discard`."""
        with self._lock:
            if not self._sealed:
                self._seal()
            return self._sealed[0] if self._sealed else None

    def discard(self, segment: SealedSegment) -> None:
        """Forget a segment whose records the log has."""
        segment.path.unlink(missing_ok=True)
        with self._lock:
            self._sealed.remove(segment)

    def close(self) -> None:
        """Finish what was asked for, and give the directory up. What waits is adopted by the next process."""
        self._writes.put(None)
        self._thread.join(timeout=30)
        with self._lock:
            self._seal()
            if self._directory is not None:
                self._directory.release()
                self._directory = None

    def _run(self) -> None:
        while True:
            write = self._writes.get()
            if write is None:
                return
            group = [write]
            while not self._writes.empty():
                following = self._writes.get()
                if following is None:
                    self._writes.put(None)
                    break
                group.append(following)
            self._write_group(group)

    def _write_group(self, group: list[_Write]) -> None:
        try:
            with self._lock:
                self._write(group)
        except Exception as error:  # noqa: BLE001 -- it reaches whoever waits for the group
            for write in group:
                write.done.set_exception(error)
        else:
            for write in group:
                write.done.set_result(None)

    def _write(self, group: list[_Write]) -> None:
        data = b"".join(write.data for write in group)
        if self._held() + len(data) > self._limit:
            raise SpoolFull(f"the spool {self._root} holds its limit of {self._limit:,} bytes")
        try:
            segment, counted = self._current(group[0].received_at)
            segment.append(data)
        except OSError:
            self._seal()
            raise
        counted.records += sum(write.records for write in group)
        counted.bytes += len(data)
        counted.oldest = min(counted.oldest, *(write.received_at for write in group), time.time())
        if segment.size >= SEGMENT_BYTES:
            self._seal()

    def _held(self) -> int:
        return sum(segment.bytes for segment in self._sealed) + (self._open.bytes if self._open else 0)

    def _current(self, received_at: float) -> tuple[Segment, SealedSegment]:
        if self._directory is None:
            self._directory = SpoolDirectory.create(self._root, self._name)
        if self._segment is None or self._open is None:
            self._segment = Segment(self._directory.next_segment())
            self._open = SealedSegment(self._segment.path, 0, 0, received_at)
        return self._segment, self._open

    def _seal(self) -> None:
        if self._segment is None or self._open is None:
            return
        self._segment.close()
        if self._open.records:
            self._sealed.append(self._open)
        else:
            self._segment.path.unlink(missing_ok=True)
        self._segment = self._open = None
