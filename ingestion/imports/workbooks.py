"""Spreadsheets (XLSX): read once, in a process that has little memory, into a file of rows that is read like any other."""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ingestion.imports import workbook_child
from ingestion.imports.content import EXPANSION_ALWAYS_ALLOWED, MAX_EXPANSION
from ingestion.imports.formats import ReaderMissing, UnreadableFile

ZIP_MAGIC = b"PK\x03\x04"
_CHILD = Path(workbook_child.__file__)
_PATIENCE_S = 900
_LARGEST = 4 << 30  # bytes unpacked
_MOST_PARTS = 10_000

TOO_LARGE = (
    "the spreadsheet is larger than can be read (it has to be held in memory as a whole): save it as CSV, or "
    "delete what stands far outside of the table"
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """What was read: the sheet, how many there are, and its rows with the empty ones."""

    sheet: str
    sheets: int
    rows: int


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is a spreadsheet. Raises UnreadableFile for a torn one."""
    return "xl/workbook.xml" in _parts(path)


def unpack_workbook(path: Path, rows: Path) -> Workbook:
    """Write the rows of the first sheet that has any to `rows`. Raises UnreadableFile; blocks for a minute at most a million rows.

    Nothing of the archive is ever written under a name of its own, so that its names can lead nowhere.
    """
    _refuse_bomb(path)
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD), str(path), str(rows)],
            capture_output=True, timeout=_PATIENCE_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(TOO_LARGE) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == workbook_child.MISSING:
        raise ReaderMissing(
            "reading spreadsheets needs python-calamine, which is not installed: install requirements/sources.txt, or save "
            "the table as CSV"
        )
    if done.returncode == workbook_child.UNREADABLE:
        raise UnreadableFile(
            f"the spreadsheet cannot be read: {said.splitlines()[-1] if said else 'no reason'}"
        )
    if done.returncode:
        raise UnreadableFile(TOO_LARGE)
    found = json.loads(done.stdout)
    return Workbook(found["sheet"], found["sheets"], found["rows"])


def _refuse_bomb(path: Path) -> None:
    """By what the archive says of itself; one that lies ends the process that reads it."""
    parts = _parts(path)
    total = sum(parts.values())
    if len(parts) > _MOST_PARTS:
        raise UnreadableFile(f"the spreadsheet is an archive of {len(parts):,} files: that is no table")
    if total > max(EXPANSION_ALWAYS_ALLOWED, path.stat().st_size * MAX_EXPANSION):
        raise UnreadableFile(
            f"the spreadsheet unpacks to more than {MAX_EXPANSION} times its size; if it really is data, save it as CSV"
        )
    if total > _LARGEST:
        raise UnreadableFile(TOO_LARGE)


def _parts(path: Path) -> dict[str, int]:
    """The names in the archive, and what each says it unpacks to."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {part.filename: part.file_size for part in archive.infolist()}
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise UnreadableFile(f"the archive is torn or damaged: {error}") from error
