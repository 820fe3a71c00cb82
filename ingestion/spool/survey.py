"""What processes that died left on this disk, until it is adopted, and what became too old to be sent unasked."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ingestion.spool.aside import expired_segments
from ingestion.spool.directory import SpoolDirectory
from ingestion.spool.frames import decode_frames
from ingestion.spool.spool import SpoolStatus


def abandoned(root: Path) -> SpoolStatus:
    """What waits below `root` and no process holds. Reads all of it, there is rarely any; what expired only once."""
    found = SpoolStatus()
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        directory = SpoolDirectory.adopt(path) if path.is_dir() else None
        if directory is not None:
            try:
                for segment in directory.segments():
                    found = together(found, _status_of(segment.read_bytes()))
            finally:
                directory.release()
    for path in expired_segments(root):
        with suppress(FileNotFoundError):  # renamed a moment ago, to be sent
            found = together(found, _status_of_expired(path))
    return found


def together(a: SpoolStatus, b: SpoolStatus) -> SpoolStatus:
    """Both."""
    oldest = [each.oldest for each in (a, b) if each.oldest is not None]
    return SpoolStatus(a.records + b.records, a.bytes + b.bytes, min(oldest, default=None))


@lru_cache(maxsize=4096)
def _status_of_expired(path: Path) -> SpoolStatus:
    """Of a file that nobody writes to, and whose name never comes again with other content."""
    return _status_of(path.read_bytes())


def _status_of(data: bytes) -> SpoolStatus:
    times = [frame.spooled.received_at for frame in decode_frames(data)]
    return SpoolStatus(len(times), len(data), min(times)) if times else SpoolStatus()
