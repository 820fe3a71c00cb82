"""The directory of one process below the spool's root, held by a lock for as long as the process lives."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from ingestion.spool.segment import sync_directory

SUFFIX = ".spool"
_LOCK = "lock"
_ATTEMPTS = 20  # another process may look into the new directory for a moment, to see whether it is abandoned


class SpoolDirectory:
    """Segments in order, below a directory whose lock this process has."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

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
        raise FileExistsError(f"{path} belongs to a process that runs")

    @classmethod
    def adopt(cls, path: Path) -> "SpoolDirectory | None":
        """The directory of a process that died, or None while it lives (or another one adopted it)."""
        try:
            return cls._locked(path)
        except FileNotFoundError:
            return None

    @classmethod
    def _locked(cls, path: Path) -> "SpoolDirectory | None":
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        if os.fstat(lock).st_nlink == 0:  # removed between opening and locking it
            os.close(lock)
            return None
        return cls(path, lock)

    def segments(self) -> list[Path]:
        """The segments, oldest first."""
        return sorted(self.path.glob(f"*{SUFFIX}"))

    def next_segment(self) -> Path:
        """The path of the next one."""
        numbers = [int(path.name.split(".", 1)[0]) for path in self.path.glob("[0-9]*")]
        return self.path / f"{max(numbers, default=0) + 1:012d}{SUFFIX}"

    def release(self) -> None:
        """Give it up; it disappears when it is empty."""
        if {path.name for path in self.path.iterdir()} == {_LOCK}:
            with suppress(OSError):
                (self.path / _LOCK).unlink()
                self.path.rmdir()
        os.close(self._lock)
