"""Which files below a place are meant: a pattern such as `orders/*.csv`."""

import re

import re2

from ingestion.sources.contract import SourceRefused

MAX_PATTERN = 200
MAX_NAME = 400
DEEPEST = 20
DONE, FAILED = "done", "failed"
LEFT = (DONE, FAILED)
"""The folders into which read files are moved; what stands in them is not read."""

_TAG = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f]{6})?")
"""What the name of a moved file has between its own parts."""
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", "~")
_SET = re.compile(r"\[!?[A-Za-z0-9_.-]+\]")


class Pattern:
    """`*` and `?` stand for characters of a name, `[0-9]` for one of some, `**` for any folders. Linear in the name."""

    def __init__(self, text: str, *, moved: bool = False) -> None:
        """Raises SourceRefused for what is no pattern. With `moved`, the files are meant that were read and moved."""
        self.text = text = text.strip()
        self._is_moved = moved
        parts = text.split("/")
        if not text or len(text) > MAX_PATTERN or not text.isprintable() or "\\" in text:
            raise SourceRefused(f"Give a pattern of at most {MAX_PATTERN} characters, such as orders/*.csv.")
        if "" in parts or {".", ".."} & set(parts):
            raise SourceRefused("A pattern begins below the place and goes only down: such as orders/*.csv.")
        fixed = [part for part in _leading(parts) if part]
        self.base = "/".join(fixed)
        self.depth = DEEPEST if "**" in parts else len(parts) - 1
        try:
            self._expression = re2.compile(_expression(parts))
        except re2.error:
            raise SourceRefused(f"{text} is no pattern: write it like orders/*.csv.") from None

    def matches(self, name: str) -> bool:
        """Whether a file of this name (from the place on) is meant, and not one that is still being written."""
        if self._is_moved:
            name = _before_it_was_moved(name)
        return (
            0 < len(name) <= MAX_NAME
            and self._expression.fullmatch(name) is not None
            and name.isprintable()
            and not self._is_ignored(name)
        )

    def enters(self, folder: str) -> bool:
        """Whether files may be meant in this folder, one below `base`."""
        parts = folder.split("/")
        if self._is_moved and parts[-1] == DONE:
            parts.pop()
        return len(parts) <= self.depth and not any(_is_hidden(part) or part in LEFT for part in parts)

    @property
    def moved(self) -> "Pattern":
        """The files of this pattern that were moved because they are done."""
        return Pattern(self.text, moved=True)

    def _is_ignored(self, name: str) -> bool:
        """Whether the name says that the file is hidden, still being written, or done with."""
        *folders, last = name.split("/")
        return (
            _is_hidden(last)
            or last.lower().endswith(_UNFINISHED)
            or any(_is_hidden(folder) or folder in LEFT for folder in folders)
        )


def _is_hidden(part: str) -> bool:
    return part.startswith(".")


def _before_it_was_moved(name: str) -> str:
    """What a file was called that was moved into a folder beside it; nothing for another one."""
    place, _, last = name.rpartition("/")
    above, _, folder = place.rpartition("/")
    stem, _, rest = last.partition(".")
    tag, dot, ending = rest.partition(".")
    if folder != DONE or not _TAG.fullmatch(tag):
        return ""
    return "/".join(part for part in (above, f"{stem}{dot}{ending}") if part)


def _leading(parts: list[str]) -> list[str]:
    """The folders that are named without a wildcard."""
    found = []
    for part in parts[:-1]:
        if set(part) & set("*?["):
            break
        found.append(part)
    return found


def _expression(parts: list[str]) -> str:
    pieces = []
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            pieces.append(".*" if is_last else "(?:.*/)?")
        else:
            pieces.append(_of_name(part) + ("" if is_last else "/"))
    return "".join(pieces)


def _of_name(part: str) -> str:
    found, place = [], 0
    while place < len(part):
        chosen = _SET.match(part, place)
        if chosen:
            inside = chosen.group()
            found.append(f"[^{inside[2:]}" if inside[1] == "!" else inside)
            place = chosen.end()
            continue
        character = part[place]
        found.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
        place += 1
    return "".join(found)
