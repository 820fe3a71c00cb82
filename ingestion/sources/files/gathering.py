"""Rows of files on their way into batches, with what the report should say of the files."""

from collections.abc import Callable, Sequence
from typing import Any

from ingestion.sources.contract import Batch, RefusedRow, Row
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.names import Names
from ingestion.sources.files.places import FoundFile

MOST_FILES = 50

Move = Sequence[Any]
Moving = Callable[[Sequence[Move]], None]


class Told:
    """Sentences about files, one for all files that it is true of."""

    def __init__(self) -> None:
        self._names: dict[str, Names] = {}

    def add(self, words: str, name: str) -> None:
        """Say it of this file."""
        self._names.setdefault(words, Names()).add(name)

    def add_all(self, words: str, names: Names) -> None:
        """Say it of these, if there are any."""
        if names.count:
            self._names.setdefault(words, Names()).add_all(names)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self._names

    def taken(self) -> list[str]:
        """The sentences so far; they are not told again."""
        found = [f"{words}: {names}" for words, names in self._names.items()]
        self._names = {}
        return found


class Gathering:
    """What the next batch will hold. `moving` moves files once the batch is committed."""

    def __init__(self, memory: Memory, most: int, moving: Moving) -> None:
        self.told = Told()
        self._memory, self._most, self._moving = memory, most, moving
        self._rows: list[Row] = []
        self._refused: list[RefusedRow] = []
        self._moves: list[Move] = []
        self._files = 0
        self._committed = memory.state()

    @property
    def room(self) -> int:
        """How many more rows fit in; at least one, once a full batch was taken."""
        return self._most - len(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether the batch should go."""
        return self.room <= 0 or len(self._refused) >= self._most or self._files >= MOST_FILES

    def add(self, rows: Sequence[Row], refused: Sequence[RefusedRow]) -> None:
        """Rows of a file."""
        self._rows += rows
        self._refused += refused

    def done(self, file: FoundFile, to: str) -> None:
        """A file is done with; `to` is where it is to be moved, if anywhere."""
        self._files += 1
        if to:
            self._memory.leave(file, to)
            self._moves.append(self._memory.leaving[-1])

    def batch(self) -> Batch:
        """What was gathered, and the state as of now."""
        moves, moving = self._moves, self._moving
        made = Batch(self._memory.state(), self._rows, self._refused, self.told.taken(), keeps_state=True)
        if moves:
            made.acknowledge = lambda: moving(moves)
        self._committed = made.state
        self._rows, self._refused, self._moves, self._files = [], [], [], 0
        return made

    def last(self) -> Batch | None:
        """What is left at the end; None when there is nothing to say."""
        made = self.batch() if self._is_changed() else None
        if made is not None:
            made.is_last = True
        return made

    def _is_changed(self) -> bool:
        has_more = self._rows or self._refused or self._moves or not self.told.is_empty
        return bool(has_more) or self._memory.state() != self._committed
