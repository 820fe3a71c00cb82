"""A walk through the folders of a place: which are entered, which could not be, and when it is enough."""

import time
from collections.abc import Iterator

from ingestion.sources.contract import StreamRefused
from ingestion.sources.files.patterns import Pattern


class Walk:
    """One look for the files of a pattern. A place goes through `folders`, and says of each what it finds in it.

    With `most_folders` and `seconds` it ends early, and `is_cut`. `shut` are the folders that could not be looked into,
    with the reasons: they cost nothing but what is in them.
    """

    def __init__(
        self, pattern: Pattern, *, most_folders: int | None = None, seconds: float | None = None
    ) -> None:
        self.shut: dict[str, str] = {}
        self.is_cut = False
        self._pattern, self._waiting, self._left = pattern, [pattern.base], most_folders
        self._ends_at = None if seconds is None else time.monotonic() + seconds

    def folders(self) -> Iterator[str]:
        """The folders, as they are found."""
        while self._waiting and self.goes_on():
            if self._left is not None:
                self._left -= 1
                self.is_cut = self._left < 0
                if self.is_cut:
                    return
            yield self._waiting.pop()

    def goes_on(self) -> bool:
        """Whether there is time for more."""
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            self.is_cut = True
        return not self.is_cut

    def enter(self, folder: str) -> None:
        """A folder was found: what is meant may be in it."""
        if self._pattern.enters(folder):
            self._waiting.append(folder)

    def means(self, name: str) -> bool:
        """Whether a file of this name is looked for."""
        return self._pattern.matches(name)

    def cannot_enter(self, folder: str, error: OSError) -> None:
        """It is there, and may not be looked into. Raises the error when it is the place itself.

        Raises StreamRefused when it is the one in which all files of the pattern are.
        """
        if not folder:
            raise error
        why = (error.strerror or "access denied").lower()
        if folder == self._pattern.base:
            raise StreamRefused(
                f"The folder {folder} cannot be looked into ({why}): give Headwater's user the permission to read it."
            )
        self.shut[folder] = why
