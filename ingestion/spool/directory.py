"""The directory of one process below the spool's root, held by a lock for as long as the process lives."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from ingestion.spool.segment import sync_directory

SUFFIX = ".spool"
_LOCK = "lock"
# Another process may look into the new directory for a moment, to see whether it is abandoned.
_ATTEMPTS, _PAUSE_S = 20, 0.02


def is_of_a_process(path: Path) -> bool:
    """Whether it is a directory as processes make them, to be asked before anything is changed in it. Raises OSError."""
    try:
        with os.scandir(path) as entries:
            return any(entry.name == _LOCK or entry.name.endswith(SUFFIX) for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return False


class SpoolDirectory:
    """Segments in order, below a directory whose lock this process has."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._last = 0  # the number of the newest segment

    @classmethod
    def create(cls, root: Path, name: str) -> "SpoolDirectory":
        """A new directory. Raises OSError, such as when the disk is full."""
        path = root / name
        for _ in range(_ATTEMPTS):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(root)
            directory = cls.adopt(path)
            if directory is not None:
                return directory
            time.sleep(_PAUSE_S)
        raise FileExistsError(f"{path} belongs to a process that runs")

    @classmethod
    def adopt(cls, path: Path) -> "SpoolDirectory | None":
        """The directory of a process that died, or None while it lives (or another one adopted it)."""
        try:
            return cls._locked(path)
        except FileNotFoundError:
            return None

    @classmethod
    def inherit(cls, path: Path) -> "SpoolDirectory | None":
        """As `adopt`, and None of what no process made, such as the `lost+found` of a disk. Raises PermissionError."""
        return cls.adopt(path) if is_of_a_process(path) else None

    @classmethod
    def _locked(cls, path: Path) -> "SpoolDirectory | None":
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:  # some network file systems know no locks
            os.close(lock)
            if isinstance(error, BlockingIOError):
                return None
            raise
        if os.fstat(lock).st_nlink == 0:  # removed between opening and locking it
            os.close(lock)
            return None
        return cls(path, lock)

    def segments(self) -> list[Path]:
        """The segments, oldest first."""
        return sorted(self.path.glob(f"*{SUFFIX}"))

    def next_segment(self) -> Path:
        """The path of the next one, which no segment before had: what was set aside of those is named by it."""
        numbers = [int(path.name.split(".", 1)[0]) for path in self.path.glob("[0-9]*")]
        self._last = max([self._last, *numbers]) + 1
        return self.path / f"{self._last:012d}{SUFFIX}"

    def release(self) -> None:
        """Give it up; it disappears when it is empty."""
        if {path.name for path in self.path.iterdir()} == {_LOCK}:
            with suppress(OSError):
                (self.path / _LOCK).unlink()
                self.path.rmdir()
        os.close(self._lock)
