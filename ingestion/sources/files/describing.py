"""What the files of a stream hold: the columns of the newest ones, together."""

import heapq
from collections.abc import Iterable
from threading import Lock

from ingestion.imports.formats import ReaderMissing, UnreadableFile
from ingestion.sources.contract import Column, Row, SourceRefused
from ingestion.sources.files.copies import NoRoom, StillChanging
from ingestion.sources.files.places import FileGone, FileRefused, FoundFile
from ingestion.sources.files.sampling import columns_in, first_rows
from ingestion.sources.files.subject import Subject
from ingestion.sources.files.walking import Walk

SAMPLED_FILES = 3
MOST_COLUMNS = 1000
_MOST_KEPT = 300
_TROUBLES = (UnreadableFile, FileGone, FileRefused, NoRoom, StillChanging)

_seen: dict[tuple[str, FoundFile, bool | None], list[Column]] = {}
_seen_lock = Lock()


def columns_of_newest(subject: Subject) -> tuple[Column, ...]:
    """The columns of the newest files, those that were moved when there are no others; none when nothing can be read.

    Raises SourceRefused when what reads them is not installed.
    """
    found: dict[str, Column] = {}
    for file in newest(subject):
        try:
            columns = _looked_at(subject, file)
        except ReaderMissing as missing:
            raise SourceRefused(f"{file.name} cannot be read: {missing}.") from None
        except _TROUBLES:
            continue  # the run says what is wrong with it
        found = {**found, **{column.name: column for column in columns if column.name not in found}}
    return tuple(found.values())[:MOST_COLUMNS]


def rows_of_newest(subject: Subject, chosen: tuple[str, ...], most: int) -> list[Row]:
    """The first rows of the newest file that can be read. Raises SourceRefused when none of the newest can."""
    troubles = []
    for file in newest(subject):
        try:
            return first_rows(subject, file, chosen, most)
        except UnreadableFile as why:
            troubles.append(f"{file.name}: {why}.")
        except FileRefused as why:
            troubles.append(f"{file.name} cannot be opened: {why}.")
        except (FileGone, NoRoom, StillChanging):
            continue
    if troubles:
        raise SourceRefused(troubles[0])
    return []


def newest(subject: Subject) -> list[FoundFile]:
    """The newest files, the newest first."""
    place, pattern = subject.place, subject.options.pattern
    moved = pattern.moved if subject.options.moves else None
    found = _newest(place.files(Walk(pattern)))
    return found or (_newest(place.files(Walk(moved))) if moved else [])


def _newest(files: Iterable[FoundFile]) -> list[FoundFile]:
    there = (file for file in files if file.size)
    return heapq.nlargest(SAMPLED_FILES, there, key=lambda file: file.order)


def _looked_at(subject: Subject, file: FoundFile) -> list[Column]:
    """As it was found before, if the file is the same: it is asked for at each run."""
    key = (subject.about, file, subject.options.has_header)
    with _seen_lock:
        known = _seen.get(key)
    if known is None:
        known = columns_in(subject, file)
        with _seen_lock:
            _seen[key] = known
            while len(_seen) > _MOST_KEPT:
                del _seen[next(iter(_seen))]
    return known
