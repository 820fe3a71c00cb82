"""Anchors in a file: a line each, on the disk before it counts as delivered."""

import fcntl
import os
from pathlib import Path
from urllib.parse import SplitResult, unquote

from compliance.sealing.anchors import LONGEST_LINE, read_lines
from compliance.sealing.delivery.trouble import NotDelivered


def append(address: SplitResult, line: str) -> None:
    """Add the line, unless the last one says the same of the chain. Raises NotDelivered."""
    path = Path(unquote(address.path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            _add(file, line)
        finally:
            os.close(file)
    except OSError as error:
        raise NotDelivered(f"the file cannot be written: {error.strerror}", is_final=True) from error


def _add(file: int, line: str) -> None:
    end = _end_of(file)
    if _says_the_same(end, line):
        return
    torn = "\n" if end and not end.endswith("\n") else ""  # somebody died over the line before
    content = f"{torn}{line}\n".encode()
    if os.write(file, content) != len(content):
        raise OSError(0, "the disk took a part of it")
    os.fsync(file)


def _end_of(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, LONGEST_LINE, max(size - LONGEST_LINE, 0)).decode("utf-8", "replace")


def _says_the_same(end: str, line: str) -> bool:
    former = read_lines(end.splitlines()[-1:]).anchors
    (new,) = read_lines([line]).anchors
    return bool(former) and (former[0].seq, former[0].hash) == (new.seq, new.hash)
