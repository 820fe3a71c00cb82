"""Logs of JSON Lines that grow at their end: read on from where the last reading ended, also under another name."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

from ingestion.imports.formats import UnreadableFile
from ingestion.imports.json_rows import json_blocks
from ingestion.imports.rows import Block, Position
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.places import FileGone, FileRefused, FoundFile, Place, Reader
from ingestion.sources.files.progress import Progress

FIRST_LINE = 1 << 16
_BACK = 1 << 20
_OFFSET = 3  # in what is remembered of a log
_FURTHEST_BACK = 16 << 20


@dataclass(slots=True)
class Growth:
    """What a log has got more. It is known by its first line: that stays when it grows, and when it gets another name."""

    source: Reader
    origin: str
    progress: Progress
    end: int
    is_replaced: bool = False

    def blocks(self) -> Iterator[Block]:
        """The lines that are complete, from where the last reading ended."""
        start = self.progress.at
        self.source.seek(start.offset)
        yield from json_blocks(_Part(self.source, self.end - start.offset), (), start)


class _Part:
    """So many bytes of a file."""

    def __init__(self, source: Reader, size: int) -> None:
        self._source, self._left = source, max(0, size)

    def read(self, size: int, /) -> bytes:
        chunk = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(chunk)
        return chunk


def growth_of(source: Reader, file: FoundFile, memory: Memory, place: Place) -> Growth:
    """Where to read on. Raises UnreadableFile for what is no log of JSON Lines."""
    origin, end = _origin(source), _end_of_last_line(source, file.size)
    known = memory.known(file.name)
    begun = memory.progress
    if begun is None or begun.file.name != file.name:
        memory.put_aside()
    elif begun.content == origin and begun.at.offset <= end:
        return Growth(source, origin, Progress(file, origin, begun.at, begun.row), end)
    former = known if known is not None and len(known) > _OFFSET and known[2] == origin else None
    former = former or _under_another_name(origin, file, memory, place)
    if former is None or former[_OFFSET] > end:
        former = [0, 0, "", 0, 0]
    offset, row, done = former[_OFFSET], former[_OFFSET + 1], former[-1]
    is_replaced = known is not None and bool(known[2]) and (former is not known or offset != known[_OFFSET])
    return Growth(source, origin, Progress(file, origin, Position(offset, row, row), done), end, is_replaced)


def _origin(source: Reader) -> str:
    """What the first line says; nothing as long as it has no end."""
    source.seek(0)
    beginning = _read(source, FIRST_LINE)
    if beginning.strip() and not beginning.lstrip().startswith(b"{"):
        raise UnreadableFile("only logs of JSON Lines, not compressed, can be read while they grow")
    line, end, _ = beginning.partition(b"\n")
    return blake2b(line, digest_size=8).hexdigest() if end or len(beginning) == FIRST_LINE else ""


def _end_of_last_line(source: Reader, size: int) -> int:
    """How many bytes are complete lines."""
    back = _BACK
    while True:
        begin = max(0, size - back)
        source.seek(begin)
        part = _read(source, size - begin)
        if (last := part.rfind(b"\n")) >= 0:
            return begin + last + 1
        if not begin or back >= _FURTHEST_BACK:
            return 0
        back *= 4


def _under_another_name(origin: str, file: FoundFile, memory: Memory, place: Place) -> list[int] | None:
    """What is remembered of the log under its former name, if it no longer is there."""
    for name in memory.grown_from(origin) if origin else []:
        if name == file.name:
            continue
        with suppress(FileGone, FileRefused, UnreadableFile), place.open(name) as there:
            if _origin(there) == origin:
                continue
        former = memory.known(name)
        memory.forget(name)
        return former
    return None


def _read(source: Reader, size: int) -> bytes:
    parts, left = [], size
    while left and (chunk := source.read(left)):
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)
