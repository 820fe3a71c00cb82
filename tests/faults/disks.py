"""Small disks that can be filled."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = b"\0" * 65536
_AS_ROOT = () if os.getuid() == 0 else ("sudo", "-n")


class Disk:
    """A file system in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("ab", buffering=0) as filler:
            size = len(_CHUNK)
            while size:
                try:
                    filler.write(_CHUNK[:size])
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """Mount one at a directory that is made for it. Needs the right to mount: root, or sudo without a password."""
    path.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0755,uid={os.getuid()},gid={os.getgid()}"
    subprocess.run([*_AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "none", path], check=True, timeout=30)
    try:
        yield Disk(path)
    finally:
        subprocess.run([*_AS_ROOT, "umount", "--lazy", path], check=True, timeout=30)
