"""A place where files are: what a folder, an SFTP server and a store of objects have in common."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from ingestion.sources.files.walking import Walk


class FoundFile(NamedTuple):
    """A file as a listing shows it; `name` is the way to it from the place on, `modified` microseconds since 1970."""

    name: str
    modified: int
    size: int

    @property
    def order(self) -> tuple[int, str]:
        """Its place among all files: older ones first."""
        return self.modified, self.name


class FileGone(Exception):
    """The file is not there any more."""


class FileRefused(Exception):
    """The file cannot be opened or is none that may be; the message says why."""


class FileThere(FileRefused):
    """Another file has this name already."""


class Reader(Protocol):
    """An open file."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""

    def seek(self, offset: int, /) -> object:
        """Go on at this byte."""


class Place(Protocol):
    """An open place. Its calls raise SourceUnavailable and SourceRefused when the place as a whole cannot be used."""

    def files(self, walk: Walk) -> Iterator[FoundFile]:
        """The files that are looked for, in any order; links to files as what they lead to.

        A folder that cannot be looked into is told to the walk. One that is not there holds nothing.
        """

    def look(self, name: str) -> FoundFile:
        """A file as it is now. Raises FileGone, FileRefused."""

    def open(self, name: str) -> AbstractContextManager[Reader]:
        """Read a file. Raises FileGone, FileRefused."""

    def move(self, name: str, to: str) -> None:
        """Give the file another name, below the place; folders that are missing are made.

        Raises FileGone, FileRefused; FileThere where it would overwrite what may be another file.
        """
