"""How many rows there may be in files that were not read yet: by their sizes, and by the beginnings of some."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ingestion.imports.formats import UnreadableFile
from ingestion.sources.files.choosing import meant_files
from ingestion.sources.files.copies import NoRoom, StillChanging
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.places import FileGone, FileRefused, FoundFile
from ingestion.sources.files.sampling import rows_at_beginning
from ingestion.sources.files.subject import Subject

LOOKED_AT = 3
_TROUBLES = (UnreadableFile, FileGone, FileRefused, NoRoom, StillChanging)


def expected_rows(subject: Subject, memory: Memory) -> int | None:
    """About so many; None where none of the newest can be looked into."""
    size, newest = _sum(meant_files(subject.place, subject.options, memory))
    rows = looked_at = 0
    for file in newest:
        with suppress(*_TROUBLES):
            found, of = rows_at_beginning(subject, file)
            rows, looked_at = rows + found, looked_at + of
    if not looked_at:
        return None if size else 0
    return round(size * rows / looked_at)


def _sum(files: Iterable[FoundFile]) -> tuple[int, list[FoundFile]]:
    """Their bytes, and the newest of those that are not empty."""
    size = 0

    def counted() -> Iterator[FoundFile]:
        nonlocal size
        for file in files:
            size += file.size
            if file.size:
                yield file

    newest = heapq.nlargest(LOOKED_AT, counted(), key=lambda file: file.order)
    return size, newest
