"""The files that are new, one after the other: the rows of each from where the last reading stopped."""

from collections.abc import Iterable, Iterator

from ingestion.imports.formats import EmptyFile, ReaderMissing, UnreadableFile
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import BadRow, Block, Position
from ingestion.imports.rows import Row as FileRow
from ingestion.sources.contract import Batch, RefusedRow, Selection
from ingestion.sources.files.choosing import Chosen, choose
from ingestion.sources.files.copies import Copy, NoRoom, StillChanging, local_copy
from ingestion.sources.files.gathering import Gathering
from ingestion.sources.files.growing import growth_of
from ingestion.sources.files.leaving import is_moved, move_files, new_place
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.patterns import DONE, FAILED
from ingestion.sources.files.places import FileGone, FileRefused, FoundFile
from ingestion.sources.files.progress import Progress
from ingestion.sources.files.records import (
    Record,
    columns_of,
    of_files,
    record_maker,
    refused,
    shown_name,
    time_of,
)
from ingestion.sources.files.subject import Subject
from ingestion.sources.files.unpacking import opened_copy


class Reading:
    """One reading of a stream of files."""

    def __init__(
        self, subject: Subject, selection: Selection, memory: Memory, into: Gathering, *, now: float
    ) -> None:
        self._subject, self._memory, self._gathering, self._now = subject, memory, into, now
        self._options, self._chosen = subject.options, of_files(selection.names)
        self._told = self._gathering.told
        self._left_for_later: set[str] = set()
        self._moves = subject.options.moves and not memory.is_backfill

    def batches(self) -> Iterator[Batch]:
        """All rows that are new."""
        self._move_left()
        self._tell_of(chosen := self._choose(takes_again=self._moves and not self._memory.leaving))
        while True:
            for file in chosen.files:
                yield from self._file(file)
            if not chosen.more:
                break
            self._tell_late(chosen := self._choose(takes_again=False))
        if (last := self._gathering.last()) is not None:
            yield last

    def _choose(self, *, takes_again: bool) -> Chosen:
        return choose(
            self._subject.place, self._options, self._memory, self._left_for_later, self._now, takes_again=takes_again
        )  # fmt: skip

    def _file(self, file: FoundFile) -> Iterator[Batch]:
        """One file. Whatever is wrong with it, the next ones are read."""
        try:
            yield from self._growing(file) if self._options.grows else self._whole(file)
        except FileGone:
            self._later("Went away before all of it was read", file)
        except StillChanging:
            self._later("Changed while it was read, and waits for the next run", file)
        except (ReaderMissing, NoRoom) as why:
            self._later(f"Waits, for {why}", file)
        except FileRefused as why:
            self._later(f"Cannot be opened, for {why}", file)
        except UnreadableFile as why:
            self._fail(file, "", str(why))
        if self._gathering.is_full:
            yield self._gathering.batch()

    def _whole(self, file: FoundFile) -> Iterator[Batch]:
        with local_copy(self._subject.place, file, self._subject.about) as copy:
            if self._begin(file, copy.content):
                try:
                    yield from self._content(file, copy)
                except EmptyFile:
                    self._tell("Is empty", file)
                    self._done(file, copy.content)
                except UnreadableFile as why:
                    if isinstance(why, ReaderMissing):
                        raise
                    self._fail(file, copy.content, str(why))
                else:
                    self._done(file, copy.content)
            copy.is_done = True

    def _content(self, file: FoundFile, copy: Copy) -> Iterator[Batch]:
        chosen = self._chosen
        with opened_copy(copy, self._options) as opened:
            columns, missing = columns_of(opened.format, chosen)
            for name in missing:
                self._tell(f"Has no column {name}, which is empty there", file)
            make = record_maker(file, self._memory.origin(copy.content), columns, chosen)
            blocks = read_blocks(opened.path, opened.format.only(columns), self._begun().at)
            yield from self._rows(blocks, file, make)

    def _growing(self, file: FoundFile) -> Iterator[Batch]:
        memory, place = self._memory, self._subject.place
        with place.open(file.name) as source:
            growth = growth_of(source, file, memory, place)
            if growth.is_replaced:
                self._tell("Was replaced, and is read from its beginning", file)
            make = record_maker(file, growth.origin, (), self._chosen)
            memory.progress = growth.progress
            yield from self._rows(growth.blocks(), file, make)
            end = self._begun().at
            memory.done(file, growth.origin, end.offset, end.row)
            self._gathering.done(file, "")

    def _begin(self, file: FoundFile, content: str) -> bool:
        """Whether there is something to read: not when the same content is in."""
        memory, progress = self._memory, self._memory.progress
        if progress is not None and progress.content == content:
            progress.file = file
            return True
        if progress is not None:
            self._tell("Went away, or was replaced, before all of it was read", progress.file)
            memory.give_up()
        if (same := memory.named(content)) is not None:
            self._repeat(file, content, same)
            return False
        if (why := memory.failure_of(content)) is not None:
            self._fail(file, content, why)
            return False
        former = memory.version_before(file.name, is_moved=self._options.moves)
        if former and former != content:
            memory.comes_from(content, former)
            self._tell("Changed since it was read: rows that differ from before are new", file)
        memory.progress = Progress(file, content, Position(), 0)
        return True

    def _repeat(self, file: FoundFile, content: str, same: str) -> None:
        """The content is known: it was touched, came under another name, or once more after it was moved away."""
        if same != file.name:
            which = f"{shown_name(same)}, which is in," if same else "a file that is in,"
            self._tell(f"Has the content of {which} and is not read again", file)
        elif self._moves:
            self._tell("Is in just as it is: it is moved, and not read again", file)
        self._done(file, content)

    def _rows(self, blocks: Iterable[Block], file: FoundFile, make: Record) -> Iterator[Batch]:
        """The rows behind those that are in, in full batches; progress says where they end."""
        for block in blocks:
            rows, bad = self._behind(block)
            while rows or bad:
                some = rows[: self._gathering.room]
                rows = rows[len(some) :]
                last = some[-1].number if rows else block.end.row
                told = [each for each in bad if each.number <= last]
                bad = bad[len(told) :]
                self._add(some, told, file, make)
                self._begun().row = last
                if self._gathering.is_full:
                    yield self._gathering.batch()
            progress = self._begun()
            progress.at, progress.row = block.end, max(block.end.row, progress.row)

    def _behind(self, block: Block) -> tuple[list[FileRow], list[BadRow]]:
        done = self._begun().row
        if not block.rows or block.rows[0].number > done:
            return block.rows, [each for each in block.bad if each.number > done]
        rows = [each for each in block.rows if each.number > done]
        return rows, [each for each in block.bad if each.number > done]

    def _add(self, rows: list[FileRow], bad: list[BadRow], file: FoundFile, make: Record) -> None:
        self._gathering.add([make(row) for row in rows], [refused(file, each) for each in bad])

    def _begun(self) -> Progress:
        progress = self._memory.progress
        assert progress is not None, "rows are read of a file that was begun"
        return progress

    def _done(self, file: FoundFile, content: str) -> None:
        self._memory.done(file, content)
        self._gathering.done(file, new_place(file, content, DONE) if self._moves else "")

    def _fail(self, file: FoundFile, content: str, reason: str) -> None:
        """Tell of it once, with the other errors; it is tried again when it changes."""
        self._memory.fail(file, content, reason)
        where = f"{shown_name(file.name)}: {reason}"
        self._gathering.add([], [RefusedRow(where, {"_file": file.name})])
        self._tell("Cannot be read, or not to its end, until it changes", file)
        self._gathering.done(file, new_place(file, content, FAILED) if self._moves else "")

    def _later(self, words: str, file: FoundFile) -> None:
        """Leave it to the next run."""
        self._left_for_later.add(file.name)
        self._memory.hold(file.name)
        self._tell(words, file)

    def _tell(self, words: str, file: FoundFile) -> None:
        self._told.add(words, shown_name(file.name))

    def _tell_of(self, chosen: Chosen) -> None:
        self._tell_late(chosen)
        self._told.add_all("Is new, or still grows, and waits for the next run", chosen.waiting)
        for name in chosen.still_failed:
            self._told.add("Still cannot be read", shown_name(name))
        for folder, why in chosen.shut.items():
            words = f"Cannot be looked into ({why}), so that its files wait: give Headwater's user the permission to read the folder"
            self._told.add(words, shown_name(folder))
        if self._memory.is_backfill and self._memory.is_empty and not chosen.files:
            self._told.add("Nothing was read", "no file that matches was changed within this time")

    def _tell_late(self, chosen: Chosen) -> None:
        if chosen.late:
            self._told.add(
                f"Older than many that were read, and so not noticed: touch them, or read that time by a backfill (about {time_of(self._memory.floor_time)})",
                f"{chosen.late:,} files",
            )

    def _move_left(self) -> None:
        """What a former run left to move, and could not."""
        left, self._memory.leaving = self._memory.leaving, []
        if not left or not self._moves:
            return
        place = self._subject.place
        staying = move_files(place, [move for move in left if not is_moved(place, move)])
        self._memory.leaving = [move for move in left if move[0] in staying]
        for name, why in staying.items():
            self._told.add(f"Cannot be moved: {why}", shown_name(name))
