"""What becomes of files that were read: they are moved once it is certain that their rows are in."""

import secrets
from collections.abc import Sequence

from ingestion.sources.files.gathering import Move
from ingestion.sources.files.places import FileGone, FileRefused, FileThere, FoundFile, Place
from streaming.runtime.failpoints import reach


def new_place(file: FoundFile, content: str, folder: str) -> str:
    """Where it is moved to: a folder beside it, under a name that tells its versions apart."""
    beside, _, last = file.name.rpartition("/")
    stem, dot, ending = last.partition(".")
    tag = content[:8] or f"{file.modified:x}"[-8:]
    return "/".join(part for part in (beside, folder, f"{stem}.{tag}{dot}{ending}") if part)


def move_files(place: Place, moves: Sequence[Move]) -> dict[str, str]:
    """Move those that are still as they were read; why others stay, by name. Doing it again changes nothing."""
    staying = {}
    for name, modified, size, to in moves:
        try:
            if place.look(name) == FoundFile(name, modified, size):
                reach("files.before_move")
                _move(place, name, to)
                reach("files.after_move")
        except FileGone:
            continue
        except FileRefused as why:
            staying[name] = str(why)
    return staying


def is_moved(place: Place, move: Move) -> bool:
    """Whether a former run came to it; what then stands in its place is a file that was put there again."""
    try:
        place.look(move[-1])
    except (FileGone, FileRefused):
        return False
    return True


def _move(place: Place, name: str, to: str) -> None:
    """What came again is moved too: there is one of the same name and content already."""
    try:
        place.move(name, to)
    except FileThere:
        folder, _, last = to.rpartition("/")
        stem, tag, *ending = last.split(".", 2)
        place.move(name, f"{folder}/{'.'.join([stem, f'{tag}-{secrets.token_hex(3)}', *ending])}")
