"""Looking at a file for the first time: what it is, and where its rows are read from."""

import os
from dataclasses import dataclass
from pathlib import Path

from ingestion.imports.detection import detect_format, workbook_format
from ingestion.imports.formats import FileFormat
from ingestion.imports.storage import fresh_place
from ingestion.imports.workbooks import ZIP_MAGIC, is_workbook, unpack_workbook


@dataclass(frozen=True, slots=True)
class Opened:
    """The format of a file, and the file that its rows are read from: of a spreadsheet another one, which `is_ours`."""

    path: Path
    format: FileFormat
    is_ours: bool = False


def open_file(path: Path, *, has_header: bool | None = None) -> Opened:
    """Find out what the file is; unpack a spreadsheet among the uploads. Raises UnreadableFile, and then leaves nothing.

    Whether a table has a header is found out unless it is said.
    """
    with path.open("rb") as file:
        is_archive = file.read(4) == ZIP_MAGIC
    if not (is_archive and is_workbook(path)):
        return Opened(path, detect_format(path, has_header=has_header))
    rows = fresh_place()
    os.close(os.open(rows, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        found = workbook_format(rows, unpack_workbook(path, rows), has_header=has_header)
        return Opened(rows, found, is_ours=True)
    except BaseException:
        rows.unlink(missing_ok=True)
        raise
