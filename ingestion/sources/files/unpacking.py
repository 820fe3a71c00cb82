"""A copy, ready to be read: what it is, and of a spreadsheet its rows, which are taken out of it once for many slices."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.imports.formats import FileFormat
from ingestion.imports.opening import Opened, open_file
from ingestion.sources.files.copies import Copy, beside
from ingestion.sources.files.options import Options


@contextmanager
def opened_copy(copy: Copy, options: Options) -> Iterator[Opened]:
    """What is in the copy. Raises UnreadableFile."""
    rows = beside(copy.path, f"rows-{options.has_header}")
    about = beside(copy.path, f"about-{options.has_header}")
    opened = _unpacked_before(rows, about) or open_file(copy.path, has_header=options.has_header)
    if opened.is_ours and opened.path != rows:
        opened.path.replace(rows)
        building = about.with_name(f"{about.name}.{os.getpid()}")
        building.write_text(json.dumps(opened.format.to_json()))
        building.replace(about)
        opened = Opened(rows, opened.format, is_ours=True)
    yield opened


def _unpacked_before(rows: Path, about: Path) -> Opened | None:
    try:
        found = FileFormat.from_json(json.loads(about.read_text()))
        os.utime(rows)
        os.utime(about)
    except (FileNotFoundError, ValueError):
        return None
    return Opened(rows, found, is_ours=True)
