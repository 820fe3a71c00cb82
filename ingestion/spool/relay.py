"""The relay: empties the spool into the log, in order, and adopts what dead processes left behind."""

import logging
import os
import threading
import time
from pathlib import Path

from ingestion.spool.aside import bytes_aside, set_expired_aside
from ingestion.spool.directory import SUFFIX, SpoolDirectory
from ingestion.spool.frames import decode_frames
from ingestion.spool.sending import Destination, batches, pieces, send
from ingestion.spool.spool import Spool, SpoolStatus
from ingestion.spool.survey import abandoned
from streaming.runtime.failpoints import reach

ADOPT_EVERY_S = 5.0
IDLE_S = 0.25

logger = logging.getLogger(__name__)


class Relay:
    """A thread that appends spooled records and deletes a segment only when the log has acknowledged all of it.

    Records of a key keep their order among themselves. New ones go past them, straight into the log (docs/adr/0062):
    it rests after each batch for as long as the batch took, so that new traffic has the log for half of the time.
    A segment older than `window` seconds is refused: its messages may have been forgotten by those who drop
    duplicates. It is set aside, still counts as waiting, and the log of the process says what to do.
    """

    def __init__(self, spool: Spool, destination: Destination, *, window: float, name: str = "relay") -> None:
        self._spool, self._destination, self._window = spool, destination, window
        self._stop, self._adopt_at, self._survey_at = threading.Event(), 0.0, 0.0
        # What dead processes left, and bytes that a person must judge, as of the last look some seconds ago.
        self.abandoned, self.bytes_aside = SpoolStatus(), 0
        self._progress: dict[Path, int] = {}
        self._closed_to_us: set[Path] = set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way; what is left stays in the spool."""
        self._stop.set()
        self._thread.join(timeout=35)

    def drain_once(self) -> bool:
        """Empty what can be emptied now; whether there was anything. Raises LogError when the log refuses."""
        progressed = self._adopt()
        while (segment := self._spool.take_sealed()) is not None and not self._stop.is_set():
            if self._drain(segment.path):
                self._spool.discard(segment)
                reach("relay.after_discard")
                progressed = True
        return progressed

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._survey()
                self._destination.opened()
                self.drain_once()
            except Exception as error:  # noqa: BLE001 -- whatever is wrong now, the spool must be emptied later
                logger.info("the spool cannot be emptied now, it is tried again: %s", error)
                self._stop.wait(1.0)
            self._stop.wait(IDLE_S)

    def _survey(self) -> None:
        if time.monotonic() >= self._survey_at:
            self._survey_at = time.monotonic() + ADOPT_EVERY_S
            self.abandoned, self.bytes_aside = abandoned(self._spool.root), bytes_aside(self._spool.root)

    def _adopt(self) -> bool:
        if time.monotonic() < self._adopt_at or not self._spool.root.is_dir():
            return False
        self._adopt_at, adopted = time.monotonic() + ADOPT_EVERY_S, False
        for path in sorted(self._spool.root.iterdir()):
            if self._stop.is_set():
                break
            directory = self._inherited(path)
            if directory is not None:
                adopted = self._drain_adopted(directory) or adopted
        return adopted

    def _inherited(self, path: Path) -> SpoolDirectory | None:
        try:
            return SpoolDirectory.inherit(path)
        except PermissionError:
            if path not in self._closed_to_us:
                self._closed_to_us.add(path)
                logger.warning(
                    "%s may not be read: if it holds events, give it to the web server's user", path
                )
            return None

    def _drain_adopted(self, directory: SpoolDirectory) -> bool:
        try:
            segments = directory.segments()
            if segments:
                logger.warning("adopting the spool of a collector that died: %s", directory.path.name)
            for path in segments:
                if not self._drain(path):
                    break  # what follows must not overtake what is left of this one
                path.unlink(missing_ok=True)
            return bool(segments)
        finally:
            directory.release()

    def _drain(self, path: Path) -> bool:
        """Append what the segment holds; whether it is done with (as opposed to interrupted)."""
        data = path.read_bytes()
        if self._is_expired(data, path):
            return True
        for batch in batches(pieces(path, data, self._progress.get(path, 0))):
            rest = send(self._destination, batch)
            reach("relay.after_append")
            self._progress[path] = batch[-1].frame.end
            if self._stop.wait(rest):
                return False
        self._progress.pop(path, None)
        return True

    def _is_expired(self, data: bytes, path: Path) -> bool:
        first = next(decode_frames(data), None)
        if first is None or time.time() - first.spooled.received_at <= self._window:
            return False
        self._progress.pop(path, None)
        aside = set_expired_aside(path)
        logger.error(
            "a spooled segment is older than the %d days for which duplicates are recognised, so it is not sent, and "
            "waits as %s; to send it all the same, raise SPOOL_WINDOW_DAYS, start the web server again, and rename the "
            "file to %s",
            self._window // 86400, aside, aside.with_suffix(SUFFIX).name,
        )  # fmt: skip
        return True


def default_name(host: str) -> str:
    """The name of this process's directory: host, process id and start."""
    return f"{host}-{os.getpid()}-{time.time_ns():x}"
