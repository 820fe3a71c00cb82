"""What processes that died left on this disk, until it is adopted, and what became too old to be sent unasked."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ingestion.spool.aside import expired_segments
from ingestion.spool.directory import SpoolDirectory
from ingestion.spool.frames import decode_frames
from ingestion.spool.spool import SpoolStatus


def abandoned(root: Path) -> SpoolStatus:
    """What waits below `root` and no process holds. Reads each file once: while the log is away there may be gigabytes."""
    found = SpoolStatus()
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        directory = None
        with suppress(PermissionError):  # of which the relay says so
            directory = SpoolDirectory.inherit(path)
        if directory is not None:
            try:
                for segment in directory.segments():
                    found = together(found, _status_of(segment))
            finally:
                directory.release()
    for path in expired_segments(root):
        with suppress(FileNotFoundError):  # renamed a moment ago, to be sent
            found = together(found, _status_of(path))
    return found


def together(a: SpoolStatus, b: SpoolStatus) -> SpoolStatus:
    """Both."""
    oldest = [each.oldest for each in (a, b) if each.oldest is not None]
    return SpoolStatus(a.records + b.records, a.bytes + b.bytes, min(oldest, default=None))


def _status_of(path: Path) -> SpoolStatus:
    stat = path.stat()
    return _status_as_of(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4096)
def _status_as_of(path: Path, _size: int, _changed: int) -> SpoolStatus:
    data = path.read_bytes()
    times = [frame.spooled.received_at for frame in decode_frames(data)]
    return SpoolStatus(len(times), len(data), min(times)) if times else SpoolStatus()
