"""What a stream of files remembers: which files are done, and where it stopped within one.

It stays small however many files there are. The newest KNOWN files that are done are remembered one by one; of those
before them fingerprints (`past`). A file that comes late is read; only one that is older than all of which even the
fingerprints are forgotten is told, not read.
"""

from collections.abc import Collection
from typing import Any

from ingestion.sources.contract import State
from ingestion.sources.files.past import Past, of_content, of_file
from ingestion.sources.files.places import FoundFile
from ingestion.sources.files.progress import Progress

KNOWN = 500
MOST_FAILED = 50
MOST_HELD = 200
MOST_LEAVING = 200
MOST_SEEN = 100
LATER_VERSIONS = 200

_OF_WHOLE = 3
_PARTLY = -1  # the size of a file of which not all is in
_FAILED = "!"  # before the content of a file that could not be read to its end
Entry = list[Any]
"""Of a file that is done: modified, size, content. Of a log that grows also where the last reading ended: offset, the row
there, and if it stopped within a block the last row that is in.
"""


class Memory:
    """The state, unpacked. It is changed as files are read; `state` is a copy of it as of now."""

    def __init__(self, state: State, about: str) -> None:
        """`about` says what is read: with another place or pattern, the floor means nothing."""
        self._about = about
        is_same = state.get("about", about) == about
        self.is_backfill: bool = state.get("again", False)
        self.begin, self.until = state.get("cursor"), state.get("until")
        self._known: dict[str, Entry] = {name: list(entry) for name, entry in state.get("known", {}).items()}
        self._past = Past(state.get("past", []), state.get("floor") if is_same else None)
        self._older: int = state.get("older", 0) if is_same else 0
        self._held: set[str] = set(state.get("held", []))
        self._origins: dict[str, str] = dict(state.get("origins", {}))
        self.failed: dict[str, str] = dict(state.get("failed", {}))
        self.leaving: list[list[Any]] = [list(each) for each in state.get("leaving", [])]
        self._seen: dict[str, list[Any]] = {
            name: list(entry) for name, entry in state.get("seen", {}).items()
        }
        self.progress = Progress.from_json(state["file"]) if state.get("file") else None

    def state(self) -> State:
        """The state as of now."""
        found = {
            "about": self._about, "again": self.is_backfill, "cursor": self.begin, "until": self.until,
            "known": {name: list(entry) for name, entry in self._known.items()}, "past": self._past.stored(),
            "floor": self._past.floor, "older": self._older, "held": sorted(self._held), "origins": dict(self._origins),
            "failed": dict(self.failed), "leaving": [list(each) for each in self.leaving],
            "seen": {name: list(entry) for name, entry in self._seen.items()},
            "file": self.progress.to_json() if self.progress else None,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value not in (None, {}, [], 0)}

    @property
    def is_empty(self) -> bool:
        """Whether no file was read yet."""
        return not self._known and self.progress is None and self._past.floor is None

    def is_meant(self, file: FoundFile) -> bool:
        """Whether the file was changed within the time that is read."""
        return (self.begin is None or file.modified >= self.begin) and (
            self.until is None or file.modified < self.until
        )

    def is_done(self, file: FoundFile) -> bool:
        """Whether the file was read as it is."""
        known = self._known.get(file.name)
        if known is not None:
            return known[:2] == [file.modified, file.size]
        return self._past.has(of_file(file))

    def is_older(self, file: FoundFile) -> bool:
        """Whether it can no longer be told if the file was read. One that was held back was not."""
        is_told = file.name in self._known or file.name in self._held
        return not is_told and self._past.is_before(list(file.order)) and not self.is_done(file)

    def is_news(self, file: FoundFile) -> bool:
        """Whether the file is to be read: it is new, or it changed since."""
        if file.name in self._known:
            return not self.is_done(file)
        return self.is_meant(file) and not self.is_done(file) and not self.is_older(file)

    def is_settled(self, file: FoundFile, after: int, now: float) -> bool:
        """Whether nobody writes it any more: it did not change for so many seconds.

        The age of one from the future tells nothing: it has to stay the same from one look to another.
        """
        if file.modified <= now * 1_000_000:
            return now * 1_000_000 - file.modified >= after * 1_000_000
        seen = self._seen.get(file.name)
        if seen is not None and seen[:2] == [file.modified, file.size]:
            return bool(now - seen[2] >= after)
        if seen is not None or len(self._seen) < MOST_SEEN:  # the others have their turn after these
            self._seen[file.name] = [file.modified, file.size, int(now)]
        return not after

    def known(self, name: str) -> Entry | None:
        """What is remembered of a file."""
        return self._known.get(name)

    def named(self, content: str) -> str | None:
        """The file that was read with this content; an empty name when it is forgotten."""
        for name, (_, size, known, *_log) in self._known.items():
            if known == content and content and size != _PARTLY and name not in self.failed:
                return name
        return "" if content and self._past.has(of_content(content)) else None

    def failure_of(self, content: str) -> str | None:
        """Why a file with this content could not be read, if one is there."""
        for name, reason in self.failed.items():
            known = self._known.get(name)
            if known is not None and known[2].removeprefix(_FAILED) == content:
                return reason
        return None

    def version_before(self, name: str, *, is_moved: bool) -> str:
        """The content of which a file of this name is a later version, if it is one.

        Where read files are moved it is none, but of one that was not read to its end.
        """
        _, size, content, *_log = self._known.get(name, [0, 0, ""])
        is_whole = size != _PARTLY and not content.startswith(_FAILED)
        return "" if is_moved and is_whole else content.removeprefix(_FAILED)

    def origin(self, content: str) -> str:
        """What rows of this content are called by: the content of the first version of the file."""
        return self._origins.get(content, content)

    def comes_from(self, content: str, former: str) -> None:
        """Remember that it is a later version of a file, whose rows keep their identities where they are the same."""
        self._origins[content] = self.origin(former)
        if self.is_backfill:
            return  # what it was given is of files that it has not come to yet
        current = {content, *(entry[2].removeprefix(_FAILED) for entry in self._known.values())}
        others = [each for each in self._origins if each not in current]
        for each in others[: max(0, len(others) - LATER_VERSIONS)]:
            del self._origins[each]

    def done(self, file: FoundFile, content: str, *more: int) -> None:
        """All of the file is in."""
        self._known[file.name] = [file.modified, file.size, content, *more]
        self.failed.pop(file.name, None)
        self._seen.pop(file.name, None)
        self._held.discard(file.name)
        self.progress = None
        while len(self._known) > KNOWN:
            self._put_behind(min(self._known, key=lambda name: (self._known[name][0], name)))

    def fail(self, file: FoundFile, content: str, reason: str) -> None:
        """The file, or its rest, cannot be read before it changes."""
        self.done(file, f"{_FAILED}{content}")
        self.failed[file.name] = reason[:200]
        while len(self.failed) > MOST_FAILED:
            del self.failed[next(iter(self.failed))]

    def hold(self, name: str) -> None:
        """The file is there, and could not be read yet: it is no late one, whatever is forgotten meanwhile."""
        if len(self._held) < MOST_HELD:
            self._held.add(name)

    @property
    def floor_time(self) -> int:
        """When the newest file was changed of which nothing is remembered."""
        return self._past.floor[0] if self._past.floor else 0

    def give_up(self) -> None:
        """The file that was begun is gone, or another by now; what was read of it is a version of what comes there."""
        if self.progress is not None and self.progress.row:
            file = self.progress.file
            self._known.setdefault(file.name, [file.modified, _PARTLY, self.progress.content])
        self.progress = None

    def put_aside(self) -> None:
        """Another log is read before the one that was begun: it goes on where it stopped."""
        if self.progress is not None:
            file, at = self.progress.file, self.progress.at
            begun = [file.modified, _PARTLY, self.progress.content, at.offset, at.row, self.progress.row]
            self._known[file.name] = begun
        self.progress = None

    def grown_from(self, content: str) -> list[str]:
        """The logs that begin with this."""
        return [name for name, entry in self._known.items() if len(entry) > _OF_WHOLE and entry[2] == content]

    def forget(self, name: str) -> None:
        """What is remembered of the file says nothing any more: it has another name now."""
        self._known.pop(name, None)

    def leave(self, file: FoundFile, to: str) -> None:
        """The file is to be moved once this is committed."""
        self.leaving = [*self.leaving, [*file, to]][-MOST_LEAVING:]

    def expected(self) -> set[str]:
        """Files of which something is remembered only as long as they are there."""
        return {*self.failed, *self._seen, *self._held}

    def are_gone(self, names: Collection[str]) -> None:
        """These are not there any more."""
        self.failed = {name: reason for name, reason in self.failed.items() if name not in names}
        self._seen = {name: entry for name, entry in self._seen.items() if name not in names}
        self._held.difference_update(names)

    def count_older(self, older: int) -> int:
        """How many files turned up before the floor since the last look."""
        new = older - self._older
        self._older = older
        return max(0, new)

    def _put_behind(self, name: str) -> None:
        modified, size, content, *log = self._known.pop(name)
        if size == _PARTLY:
            return
        fingerprints = [of_file(FoundFile(name, modified, size))]
        if content and not log and not content.startswith(_FAILED):
            fingerprints.append(of_content(content))
        self._older += self._past.add([modified, name], fingerprints)
