"""Files that others put somewhere, read by a kind of source without a database: what it gives, and what it remembers."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.contract import Batch, Column, DataType, Row, Selection, State
from ingestion.sources.files import FolderSource
from ingestion.sources.files.kind import FileSource

NOW = 1_796_000_000.0
"""The time at which files are read; those that are put are older by default."""

COLUMNS = ("id", "email", "total")


@dataclass
class Read:
    """What some runs gave."""

    batches: list[Batch] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for batch in self.batches for row in batch.rows]

    @property
    def ids(self) -> list[Any]:
        return [row.values["id"] for row in self.rows]

    @property
    def identities(self) -> list[str]:
        return [row.identity for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        return [row.reason for batch in self.batches for row in batch.refused]

    @property
    def notes(self) -> list[str]:
        return [note for batch in self.batches for note in batch.notes]


@dataclass
class Feed:
    """A stream of files: put some there, and read what is new, as runs do that follow one another."""

    folder: Path
    kind: FileSource
    settings: dict[str, str]
    columns: tuple[str, ...] = COLUMNS
    state: State | None = None
    now: float = NOW

    def put(self, name: str, content: str | bytes, *, age: float = 1000) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.touch(path, age=age)

    def touch(self, path: Path, *, age: float) -> Path:
        os.utime(path, ns=(int((self.now - age) * 1e9),) * 2)
        return path

    def selection(self) -> Selection:
        return Selection("orders", tuple(Column(name, DataType.TEXT) for name in self.columns), ())

    def batches(self, state: State, rows: int) -> Iterator[Batch]:
        self.kind.clock = lambda: self.now
        return self.kind.read(self.settings, self.selection(), state, rows=rows)

    def read(self, *, rows: int = 1000, most: int | None = None) -> Read:
        """A run, committed batch by batch; with `most` it is killed after so many."""
        read = Read()
        state = self.kind.begin(self.selection(), self.state)
        batches = self.batches(state, rows)
        for batch in batches:
            read.batches.append(batch)
            self.state = batch.state
            if batch.acknowledge is not None:
                batch.acknowledge()
            if len(read.batches) == most:
                batches.close()  # type: ignore[attr-defined]  # a generator
                break
        return read


def table(first: int, last: int, *, total: str = "9") -> str:
    """A CSV file with rows of these ids."""
    return "id,email,total\n" + "".join(
        f"{number},c{number}@example.com,{total}\n" for number in range(first, last + 1)
    )


def settings_of(folder: Path, **changes: str) -> dict[str, str]:
    return {
        "folder": str(folder),
        "pattern": "orders/*",
        "growth": "whole",
        "settle": "10",
        "after": "leave",
        **changes,
    }


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    """Where copies lie."""
    settings.HEADWATER_HOME = tmp_path / "home"
    return tmp_path / "home"


@pytest.fixture
def feed(settings: Any, tmp_path: Path, home: Path) -> Feed:
    folder = tmp_path / "incoming"
    (folder / "orders").mkdir(parents=True)
    settings.WATCHED_FOLDERS = [str(folder)]
    return Feed(folder, FolderSource(), settings_of(folder))


@pytest.fixture
def log(feed: Feed) -> Feed:
    feed.settings |= {"growth": "growing"}
    return feed
