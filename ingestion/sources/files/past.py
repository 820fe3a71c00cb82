"""Files that were done long ago: of each no more than its fingerprints, so that one that comes late is still told from them.

A fingerprint has 48 bits: among all that are kept, one in billions of new files is taken for another one. When there are
too many the oldest are forgotten together; of them only the place of the last in the order of all files stays, the floor.
"""

from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any

from ingestion.sources.files.places import FoundFile

MOST = 50_000
TOGETHER = 1000
_CHARACTERS = 8
Order = list[Any]
Stored = list[list[Any]]
"""Fingerprints that are forgotten together: time and name of the newest file, how many files, and all of them in one text."""


class Past:
    """What is known of such files."""

    def __init__(self, stored: Stored, floor: Order | None) -> None:
        self.floor = floor
        self._parts: Stored = [list(part) for part in stored]
        self._known = {each for part in self._parts for each in _apart(part[-1])}

    def stored(self) -> Stored:
        """For the state."""
        return [list(part) for part in self._parts]

    def add(self, order: Order, fingerprints: list[str]) -> int:
        """Remember a file. Returns how many files were forgotten for it."""
        new = [each for each in fingerprints if each not in self._known]
        if not self._parts or len(self._parts[-1][-1]) >= TOGETHER * _CHARACTERS:
            self._parts.append([*order, 0, ""])
        *before, files, text = self._parts[-1]
        self._parts[-1] = [*max(before, order), files + 1, text + "".join(new)]
        self._known.update(new)
        return self._forget_oldest() if len(self._known) > MOST else 0

    def has(self, fingerprint: str) -> bool:
        """Whether it is one of them."""
        return fingerprint in self._known

    def is_before(self, order: Order) -> bool:
        """Whether a file of this place in the order may be one that was forgotten."""
        return self.floor is not None and order <= self.floor

    def _forget_oldest(self) -> int:
        *order, files, text = self._parts.pop(0)
        self._known.difference_update(_apart(text))
        self.floor = order if self.floor is None else max(self.floor, order)
        return int(files)


def of_file(file: FoundFile) -> str:
    """The fingerprint of a file as a listing shows it."""
    return _print("\0".join(map(str, file)))


def of_content(content: str) -> str:
    """The fingerprint of what is in a file, whatever it is called."""
    return _print(content)


def _print(text: str) -> str:
    return urlsafe_b64encode(blake2b(text.encode(errors="surrogatepass"), digest_size=6).digest()).decode()


def _apart(fingerprints: str) -> list[str]:
    return [fingerprints[at : at + _CHARACTERS] for at in range(0, len(fingerprints), _CHARACTERS)]
