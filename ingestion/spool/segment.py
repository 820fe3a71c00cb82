"""One file of the spool, open for appending."""

import os
from contextlib import suppress
from pathlib import Path

from streaming.runtime.failpoints import reach


class Segment:
    """Appends durably to one new file. After any failed write or fsync the file is cut back and given up.

    A file whose fsync failed once is never trusted again: the kernel may have dropped the pages and forgotten it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            sync_directory(path.parent)
        except OSError:
            self.close()
            raise

    def append(self, data: bytes) -> None:
        """Write and fsync. Raises OSError, and then nothing of `data` counts as written."""
        try:
            self._write(data)
            reach("spool.after_write")
            reach("spool.before_fsync")
            os.fdatasync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        """Take no more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]


def sync_directory(path: Path) -> None:
    """Make the entries of a directory durable."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
