"""Rows of a file as records: values by the names of the columns that were chosen, and an identity for ever."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from ingestion.imports.formats import FileFormat, FileKind, UnreadableFile
from ingestion.imports.rows import BadRow
from ingestion.imports.rows import Row as FileRow
from ingestion.sources.contract import Column, DataType, RefusedRow, Row
from ingestion.sources.files.places import FoundFile

BESIDES = (
    Column("_file", DataType.TEXT, "name of the file"),
    Column("_row", DataType.INTEGER, "number of the row in it"),
    Column("_file_time", DataType.TEXT, "when the file was changed"),
)
"""What every record has besides the columns of its file: where it is from."""

_SHOWN_NAME = 120
Record = Callable[[FileRow], Row]


def record_maker(file: FoundFile, origin: str, columns: Sequence[str], chosen: Sequence[str]) -> Record:
    """Makes records of rows. Without `columns` each row is an object.

    The identity is the origin (the content of the file's first version, whatever it was called), the number of the row
    and the hash of what stands in it: the same in every reading, and another where a later version differs.
    """
    modified = time_of(file.modified)
    places = [(name, columns.index(name)) for name in chosen if name in columns]
    missing = dict.fromkeys(name for name in chosen if name not in columns)

    def of_table(row: FileRow) -> Row:
        values = row.values
        record: dict[str, Any] = {"_file": file.name, "_row": row.number, "_file_time": modified, **missing}
        for name, place in places:
            value = values[place]
            record[name] = None if value == "" else value
        return Row(f"{origin}-{row.number}-{_hash(values)}", record)

    def of_object(row: FileRow) -> Row:
        [found] = row.values
        record = {"_file": file.name, "_row": row.number, "_file_time": modified}
        record |= {name: found.get(name) for name in chosen}
        return Row(f"{origin}-{row.number}-{_hash(found)}", record)

    return of_table if columns else of_object


def refused(file: FoundFile, bad: BadRow) -> RefusedRow:
    """A row that could not be read, with where it stands."""
    where = f"{shown_name(file.name)}, row {bad.number:,}"
    values = {"_file": file.name, "_row": bad.number, "_line": bad.line, "row": bad.raw}
    return RefusedRow(f"{where}: {bad.reason}", values)


def of_files(chosen: Sequence[str]) -> tuple[str, ...]:
    """The columns that are looked for in files."""
    besides = {column.name for column in BESIDES}
    return tuple(name for name in chosen if name not in besides)


def columns_of(found: FileFormat, chosen: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The columns of a table (none of JSON, whose objects say themselves what they have), and those chosen that it lacks.

    Raises UnreadableFile when it has none of them.
    """
    if found.kind in (FileKind.JSON_LINES, FileKind.JSON_ARRAY):
        return (), []
    missing = [name for name in chosen if name not in found.columns]
    if chosen and len(missing) == len(chosen):
        raise UnreadableFile(
            f"it has none of the columns that are read ({', '.join(chosen[:5])}), but {', '.join(found.columns[:5])}"
        )
    return found.columns, missing


def shown_name(name: str) -> str:
    """A name that fits into a sentence."""
    return name if len(name) <= _SHOWN_NAME else f"…{name[-_SHOWN_NAME:]}"


def time_of(modified: int) -> str:
    """A file's time in ISO 8601; one that no calendar has becomes the nearest that is."""
    bounded = min(max(modified, 0), 253_402_300_799_000_000)
    return datetime.fromtimestamp(bounded / 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def _hash(values: Any) -> str:
    try:
        written = orjson.dumps(values, default=str)
    except TypeError:  # a number that JSON does not have
        written = repr(values).encode(errors="surrogatepass")
    return blake2b(written, digest_size=6).hexdigest()
