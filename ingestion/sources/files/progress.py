"""Where a reading stopped within a file."""

from typing import Any

from ingestion.imports.rows import Position
from ingestion.sources.files.places import FoundFile


class Progress:
    """How far a file is read: rows up to `row`, and the position of a block from which to read on to that row."""

    __slots__ = ("at", "content", "file", "row")

    def __init__(self, file: FoundFile, content: str, at: Position, row: int) -> None:
        self.file, self.content, self.at, self.row = file, content, at, row

    def to_json(self) -> list[Any]:
        """For the state."""
        return [*self.file, self.content, self.at.offset, self.at.line, self.at.row, self.row]

    @classmethod
    def from_json(cls, stored: list[Any]) -> "Progress":
        """As it was stored."""
        name, modified, size, content, offset, line, row, done = stored
        return cls(FoundFile(name, modified, size), content, Position(offset, line, row), done)
