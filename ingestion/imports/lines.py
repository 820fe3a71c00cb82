"""A stream cut into blocks of whole lines, however long a line is."""

from collections.abc import Iterator
from typing import NamedTuple

from ingestion.imports.content import Content

MAX_ROW = 128 * 1024  # characters; an event may have 32 KB, and csv's own limit for a value is the same
BEGINNING = 2000
BLOCK = 4 * MAX_ROW  # in bytes: longer without a line end, and it is too long in any encoding


class Lines(NamedTuple):
    """Whole lines with their ends; or the beginning of one that is too long, of `size` bytes."""

    data: bytes
    size: int
    too_long: bool = False


def line_blocks(content: Content) -> Iterator[Lines]:
    """Cut the stream after line feeds, or after carriage returns where there is no line feed. Memory stays within two blocks."""
    buffer = b""
    while chunk := content.read(BLOCK):
        buffer += chunk
        cut = _last_line_end(buffer)
        if cut:
            yield Lines(buffer[:cut], cut)
            buffer = buffer[cut:]
        elif len(buffer) > BLOCK:
            size, rest = _pass_over_line(content, buffer)
            yield Lines(buffer[:BEGINNING], size, too_long=True)
            buffer = rest
    if buffer:
        yield Lines(buffer, len(buffer))


def _last_line_end(buffer: bytes) -> int:
    """The length up to and with the last line end; a carriage return at the very end may be half of one."""
    return (buffer.rfind(b"\n") + 1) or (buffer.rfind(b"\r", 0, len(buffer) - 1) + 1)


def _pass_over_line(content: Content, beginning: bytes) -> tuple[int, bytes]:
    """Read to the end of the line. Returns its length, and what was read beyond it."""
    size = len(beginning)
    while chunk := content.read(BLOCK):
        ends = [at + 1 for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        if ends:
            return size + min(ends), chunk[min(ends) :]
        size += len(chunk)
    return size, b""
