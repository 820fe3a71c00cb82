"""Copies of files while they are read: so that what is read cannot change meanwhile, and is fetched once for many slices.

They lie in `HEADWATER_HOME/fetched` under names that tell nothing, and are deleted once they are read. One that a killed
process left is used by the next, or deleted when nobody has used it for an hour.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from django.conf import settings

from ingestion.imports.formats import UnreadableFile
from ingestion.sources.files.places import FoundFile, Place
from streaming.runtime.failpoints import reach

MAX_BYTES = 8 << 30
SPARE_DISK_BYTES = 512 << 20
KEPT_UNUSED_S = 3600
_CHUNK = 1 << 20
_PARTIAL = "partial"


class StillChanging(Exception):
    """The file is being written, or was replaced while it was read."""


class NoRoom(Exception):
    """The disk of this machine is too full for a copy; the message says how full."""


@dataclass(slots=True)
class Copy:
    """A copy and the hash of its content. It is kept for the next slice unless it `is_done`."""

    path: Path
    content: str
    is_done: bool = False


@contextmanager
def local_copy(place: Place, file: FoundFile, about: str) -> Iterator[Copy]:
    """A copy of the file as the listing showed it; `about` tells places apart.

    Raises StillChanging, NoRoom, UnreadableFile for one that is too large, FileGone, FileRefused.
    """
    key = blake2b(f"{about}\0{file.name}\0{file.modified}\0{file.size}".encode(), digest_size=16).hexdigest()
    path, lock = _taken(key) or _fetched(place, file, key)
    reach("files.fetched")
    copy = Copy(path, path.suffix.removeprefix("."))
    try:
        yield copy
    finally:
        if copy.is_done:
            _delete_unless_used(path, lock)
        os.close(lock)


def delete_unused_copies() -> int:
    """Delete what nobody has used for a while. Returns how many."""
    deleted, oldest = 0, time.time() - KEPT_UNUSED_S
    for path in directory().iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                deleted += _delete_unless_used(path, lock)
                os.close(lock)
    return deleted


def directory() -> Path:
    """Where copies lie; only the owner may look."""
    found = Path(settings.HEADWATER_HOME) / "fetched"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def beside(path: Path, what: str) -> Path:
    """Where something that was made of a copy lies, until the copy is deleted."""
    return path.with_name(f"{what}-{path.name}")


def _taken(key: str) -> tuple[Path, int] | None:
    """A copy that was made before, with a lock on it as long as the descriptor is open."""
    for path in directory().glob(f"{key}.*"):
        if path.suffix == f".{_PARTIAL}":
            continue
        with suppress(FileNotFoundError):
            lock = _locked(path)
            if lock is not None:
                os.utime(path)
                return path, lock
    return None


def _locked(path: Path) -> int | None:
    lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_SH)
    if os.fstat(lock).st_nlink:
        return lock
    os.close(lock)  # it was deleted meanwhile
    return None


def _fetched(place: Place, file: FoundFile, key: str) -> tuple[Path, int]:
    _refuse_too_much(file)
    partial = directory() / f"{key}{secrets.token_hex(4)}.{_PARTIAL}"
    lock = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        content = _copied(place, file, lock)
        path = directory() / f"{key}.{content}"
        os.link(partial, path)
    except FileExistsError:  # another process was faster
        os.close(lock)
        return _taken(key) or _fetched(place, file, key)
    except BaseException:
        os.close(lock)
        raise
    finally:
        partial.unlink(missing_ok=True)
    return path, lock


def _copied(place: Place, file: FoundFile, into: int) -> str:
    digest, left = blake2b(digest_size=8), file.size
    with place.open(file.name) as source:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise StillChanging
            digest.update(chunk)
            _write(into, chunk)
    if left or place.look(file.name) != file:
        raise StillChanging
    return digest.hexdigest()


def _write(into: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    try:
        while view:
            view = view[os.write(into, view) :]
    except OSError as error:
        raise NoRoom(f"the disk of this machine is full: {error.strerror}") from error


def _refuse_too_much(file: FoundFile) -> None:
    if file.size > MAX_BYTES:
        raise UnreadableFile(f"it is larger than {MAX_BYTES >> 30} GB: split it")
    free = shutil.disk_usage(directory()).free
    if free < SPARE_DISK_BYTES + file.size:
        raise NoRoom(
            f"a copy of it has {file.size >> 20:,} MB, and the disk of this machine has {free >> 20:,} MB left"
        )


def _delete_unless_used(path: Path, lock: int) -> bool:
    """Whether it is deleted: nobody else has a lock on it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    path.unlink(missing_ok=True)
    for made in path.parent.glob(f"*-{path.name}"):
        made.unlink(missing_ok=True)
    return True
