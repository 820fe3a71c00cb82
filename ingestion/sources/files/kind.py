"""What the kinds that read files have in common; they differ in the place where the files are."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from itertools import islice

from ingestion.sources.contract import (
    Batch,
    FormField,
    Row,
    Selection,
    Settings,
    SourceError,
    SourceRefused,
    State,
    StreamInfo,
)
from ingestion.sources.files.describing import columns_of_newest, rows_of_newest
from ingestion.sources.files.estimating import expected_rows
from ingestion.sources.files.gathering import Gathering, Move
from ingestion.sources.files.leaving import move_files
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.options import FIELDS, options_of
from ingestion.sources.files.patterns import Pattern
from ingestion.sources.files.places import Place
from ingestion.sources.files.reading import Reading
from ingestion.sources.files.records import BESIDES
from ingestion.sources.files.subject import Subject
from ingestion.sources.files.walking import Walk

MOST_COUNTED = 1000
MOST_FOLDERS = 500
CHECK_S = 5.0
_EVERYTHING = "**"

logger = logging.getLogger(__name__)


class FileSource(ABC):
    """A stream is a pattern of names below the place. New files are read in the order of their times."""

    key: str
    title: str
    fields: tuple[FormField, ...]
    stream_fields: tuple[FormField, ...] = FIELDS
    remembered = ("origins",)
    again_by = "Files changed"
    clock: Callable[[], float] = staticmethod(time.time)

    @abstractmethod
    def opened(self, settings: Settings) -> AbstractContextManager[Place]:
        """The place; whatever goes wrong in it leaves as a SourceError."""

    @abstractmethod
    def identity(self, settings: Settings) -> str:
        """What tells the place from others of the kind."""

    def check(self, settings: Settings) -> str:
        """See whether the place can be looked into; of a large one only a part is."""
        walk = Walk(Pattern(_EVERYTHING), most_folders=MOST_FOLDERS, seconds=CHECK_S)
        with self.opened(settings) as place:
            found = [file.name for file in islice(place.files(walk), MOST_COUNTED)]
        return f"{_words_of(found, walk)}{_words_of_shut(walk)}"

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """None: people say which files belong together."""
        del settings
        return []

    def describe(self, settings: Settings, stream: str) -> StreamInfo:
        """The columns of the newest files."""
        options = options_of(settings)
        with self.opened(settings) as place:
            columns = columns_of_newest(Subject(place, options, self._about(settings)))
        besides = BESIDES if columns else ()
        key = tuple(column.name for column in columns if column.name.lower() == "id")[:1]
        return StreamInfo(
            stream,
            (*columns, *besides),
            key,
            is_identified=True,
            is_sampled=True,
            about=frozenset(each.name for each in besides),
        )

    def begin(self, selection: Selection, former: State | None) -> State:
        """From where the last run ended."""
        del selection
        return {key: value for key, value in (former or {}).items() if key != "until"}

    def first(self, selection: Selection, cursor: str) -> State:
        """The files that were changed at this time or later, or all, whatever was read before."""
        del selection
        if not cursor:
            return {"again": True}
        try:
            begin = datetime.fromisoformat(cursor)
        except ValueError:
            raise SourceRefused(
                f"{cursor!r} is no time: write it like 2026-01-05 or 2026-01-05 10:20."
            ) from None
        at = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
        return {"again": True, "cursor": int(at.timestamp() * 1_000_000)}

    def read(self, settings: Settings, selection: Selection, state: State, *, rows: int) -> Iterator[Batch]:
        """The files that are new, one after the other."""
        options, memory = options_of(settings), Memory(state, self._about(settings))
        gathering = Gathering(memory, rows, partial(self._move, settings))
        with self.opened(settings) as place:
            subject = Subject(place, options, self._about(settings))
            yield from Reading(subject, selection, memory, gathering, now=self.clock()).batches()

    def sample(self, settings: Settings, selection: Selection, *, rows: int) -> list[Row]:
        """The first rows of the newest file, without fetching all of it."""
        with self.opened(settings) as place:
            subject = Subject(place, options_of(settings), self._about(settings))
            return rows_of_newest(subject, selection.names, rows)

    def remaining(self, settings: Settings, selection: Selection, state: State) -> int | None:
        """A guess by their sizes, before the first of them is read; None afterwards."""
        del selection
        memory = Memory(state, self._about(settings))
        if not memory.is_empty:
            return None
        with self.opened(settings) as place:
            return expected_rows(Subject(place, options_of(settings), self._about(settings)), memory)

    def _about(self, settings: Settings) -> str:
        said = f"{self.key}\0{self.identity(settings)}\0{settings.get('pattern', '')}"
        return blake2b(said.encode(), digest_size=6).hexdigest()

    def _move(self, settings: Settings, moves: Sequence[Move]) -> None:
        """Once their rows are in. What cannot be moved now is told and tried again by the next run."""
        try:
            with self.opened(settings) as place:
                move_files(place, moves)
        except SourceError:
            logger.warning(
                "Files of a source (%s) were read and could not be moved: the next run does it", self.key
            )


def _words_of(found: Sequence[str], walk: Walk) -> str:
    if not found:
        where = " in the part of it that was looked at" if walk.is_cut else " in it yet"
        return f"It can be read, but there is no file{where}."
    is_more = len(found) >= MOST_COUNTED or walk.is_cut
    count = f"{len(found):,} or more" if is_more else f"{len(found):,}"
    return f"It can be read: {count} file{'s' if len(found) > 1 else ''}, such as {min(found)}."


def _words_of_shut(walk: Walk) -> str:
    if not walk.shut:
        return ""
    folder, why = min(walk.shut.items())
    more = f" and {len(walk.shut) - 1:,} more" if len(walk.shut) > 1 else ""
    return f" But what is in {folder}{more} cannot be ({why}): give Headwater's user the permission to read such folders."
