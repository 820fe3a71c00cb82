"""What the relay does not send: kept on the disk until a person has judged it, readable by the owner alone."""

import os
import time
from pathlib import Path

from ingestion.spool.directory import SUFFIX
from ingestion.spool.segment import sync_directory

EXPIRED = ".expired"
DAMAGED, REFUSED = ".damaged", ".refused"
DIRECTORY = "expired"


def set_expired_aside(segment: Path) -> Path:
    """Move a whole segment where it is kept; the path at which it now is. Renamed to `.spool` there, it is sent."""
    kept = segment.parent.parent / DIRECTORY
    if segment.parent == kept:
        aside = segment.with_suffix(EXPIRED)
    else:
        # The moment is part of the name, so that nothing that waits there is ever replaced.
        aside = kept / f"{segment.parent.name}-{segment.stem}-{time.time_ns():x}{EXPIRED}"
    kept.mkdir(mode=0o700, exist_ok=True)
    sync_directory(kept.parent)
    segment.rename(aside)
    sync_directory(kept)
    sync_directory(segment.parent)
    return aside


def set_bytes_aside(segment: Path, data: bytes, suffix: str, *, at: int) -> Path:
    """Keep bytes that stand at an offset of a segment, durably, in the spool's root; the path at which they now are.

    Repeated for the same place, it changes nothing.
    """
    root = segment.parent.parent
    aside = root / f"{segment.parent.name}-{segment.stem}-{at}{suffix}"
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(file)
    sync_directory(root)
    return aside


def bytes_aside(root: Path) -> int:
    """How many bytes below this root are no record, or one that the log will never take: a person's to judge."""
    kept = [path for suffix in (DAMAGED, REFUSED) for path in root.glob(f"*{suffix}")]
    return sum(path.stat().st_size for path in kept)


def expired_segments(root: Path) -> list[Path]:
    """The segments below this root that are too old to be sent unasked."""
    return sorted((root / DIRECTORY).glob(f"*{EXPIRED}"))


def waiting_segments(root: Path) -> list[Path]:
    """All segments below this root whose records the log does not have, whoever wrote them; too old or not."""
    return [*sorted(root.glob(f"*/*{SUFFIX}")), *expired_segments(root)]
