"""Find out what a file is from its beginning; the name is only a hint."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from ingestion.imports.array_rows import first_arrays
from ingestion.imports.content import GZIP_MAGIC, open_content, open_unpacked
from ingestion.imports.formats import EmptyFile, Encoding, FileFormat, FileKind, UnreadableFile
from ingestion.imports.json_array import array_of_objects
from ingestion.imports.lines import BLOCK
from ingestion.imports.parquet_rows import PARQUET_MAGIC, open_parquet
from ingestion.imports.rows import Position
from ingestion.imports.workbooks import ZIP_MAGIC, Workbook
from streaming.contracts.events import EVENT_TYPES

HEAD = BLOCK
MAX_COLUMNS = 1000
DELIMITERS = (",", ";", "\t", "|", " ")
SAMPLE_LINES = 50

_BOMS = (
    (codecs.BOM_UTF8, Encoding.UTF_8),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
)
_FOREIGN = {
    ZIP_MAGIC: "a zip archive: unpack it, and import the files in it one by one",
    b"%PDF": "a PDF document: save the table in it as CSV",
    PARQUET_MAGIC: "a Parquet file that was compressed once more: unpack it",
    b"\xd0\xcf\x11\xe0": "an old Office document: save it as XLSX or CSV",
}


def detect_format(path: Path, *, has_header: bool | None = None) -> FileFormat:
    """The format of a file; whether a table has a header is found out unless it is said. Raises UnreadableFile for what is neither CSV, JSON nor Parquet.

    A spreadsheet is told by `is_workbook`, and unpacked before it can be read.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == PARQUET_MAGIC:
        return _parquet_format(path)
    gzipped = magic[:2] == GZIP_MAGIC
    with open_unpacked(path) as raw:
        head = raw.read(HEAD)
    _refuse_foreign(head)
    encoding, bom = _encoding(head)
    plain = FileFormat(FileKind.CSV, encoding, gzipped, bom)
    with open_content(path, plain) as content:
        text = _whole_lines(content.read(HEAD).decode(errors="replace"))
    if not text.strip():
        raise EmptyFile("the file is empty")
    if text.lstrip().startswith("["):
        return _array_format(path, replace(plain, kind=FileKind.JSON_ARRAY))
    if text.lstrip().startswith("{"):
        columns = _json_columns(_objects(text))
        return FileFormat(FileKind.JSON_LINES, encoding, gzipped, bom, columns=columns)
    delimiter = _delimiter(text)
    columns, is_header = _csv_columns(text, delimiter, has_header=has_header)
    return FileFormat(FileKind.CSV, encoding, gzipped, bom, delimiter, is_header, columns)


def workbook_format(rows: Path, workbook: Workbook, *, has_header: bool | None = None) -> FileFormat:
    """The format of a spreadsheet whose rows were unpacked to this file."""
    plain = FileFormat(FileKind.XLSX, sheet=workbook.sheet, sheets=workbook.sheets)
    with open_content(rows, plain) as content:
        arrays = first_arrays(content, SAMPLE_LINES)
    if not arrays:
        raise EmptyFile("the spreadsheet is empty")
    first = ["" if cell is None else str(cell) for cell in arrays[0]]
    if has_header is None:
        has_header = all(isinstance(cell, str) or cell is None for cell in arrays[0]) and _is_header(first)
    if has_header:
        columns = _distinct(first)
    else:
        columns = tuple(f"column {number}" for number in range(1, max(map(len, arrays)) + 1))
    return replace(plain, has_header=has_header, columns=_bounded(columns), rows=workbook.rows - has_header)


def _parquet_format(path: Path) -> FileFormat:
    with open_parquet(path) as file:
        columns = _bounded(tuple(file.schema_arrow.names))
        rows = file.metadata.num_rows
    if not rows:
        raise EmptyFile("the file is empty")
    return FileFormat(FileKind.PARQUET, columns=_distinct(list(columns)), rows=rows)


def _refuse_foreign(head: bytes) -> None:
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableFile(f"the file is {what}")


def _encoding(head: bytes) -> tuple[Encoding, int]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    for encoding, zeros in ((Encoding.UTF_16_LE, head[1:2000:2]), (Encoding.UTF_16_BE, head[0:2000:2])):
        if (
            len(zeros) > 1
            and zeros.count(0) > 0.7 * len(zeros)
            and head[:2000].count(0) < 0.6 * len(head[:2000])
        ):
            return encoding, 0
    return (Encoding.UTF_8 if _looks_like_utf_8(head) else Encoding.WINDOWS_1252), 0


def _looks_like_utf_8(head: bytes) -> bool:
    """Whether most lines that are not plain ASCII are UTF-8: a few bad rows do not make another encoding."""
    good = bad = 0
    for line in head.splitlines()[: None if len(head) < HEAD else -1]:
        if line.isascii():
            continue
        try:
            line.decode()
            good += 1
        except UnicodeDecodeError:
            bad += 1
    return good >= bad


def _whole_lines(text: str) -> str:
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text[: end + 1] if len(text) >= HEAD and end >= 0 else text


def _array_format(path: Path, plain: FileFormat) -> FileFormat:
    with open_content(path, plain) as content:
        blocks = (block for block in array_of_objects(content, (), Position()) if block.rows or block.bad)
        beginning = next(blocks, None)
    if beginning is None:
        raise EmptyFile("the file is empty: a JSON array without any element")
    return replace(plain, columns=_json_columns(row.values[0] for row in beginning.rows[:SAMPLE_LINES]))


def _objects(text: str) -> Iterator[Any]:
    for line in text.splitlines()[:SAMPLE_LINES]:
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            continue


def _json_columns(beginning: Iterable[Any]) -> tuple[str, ...]:
    """The keys of flat objects; none when the objects are Segment calls, which need no mapping."""
    keys: dict[str, None] = {}
    for found in beginning:
        if isinstance(found, dict):
            if found.get("type") in EVENT_TYPES:
                return ()
            keys.update(dict.fromkeys(found))
    if not keys:
        raise UnreadableFile(
            "there is no JSON object at the beginning: one stands on each line, or in an array"
        )
    return _bounded(tuple(keys))


def _delimiter(text: str) -> str:
    """The one that splits most of the first rows into the same number (> 1) of values; else the comma."""
    best, best_rank = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _sample_rows(text, delimiter))
        if not widths:
            continue
        width, rows = widths.most_common(1)[0]
        rank = (rows / widths.total(), min(width, 3))
        if width > 1 and rank > best_rank and (delimiter != " " or best_rank == (0.0, 0)):
            best, best_rank = delimiter, rank
    return best


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter == " ", strict=True
    )
    while len(rows) < SAMPLE_LINES:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(row):
            rows.append(row)
    return rows


def _csv_columns(text: str, delimiter: str, *, has_header: bool | None) -> tuple[tuple[str, ...], bool]:
    rows = _sample_rows(text, delimiter)
    if not rows:
        raise UnreadableFile("no row of the file's beginning can be read as CSV")
    first = rows[0]
    while delimiter == " " and len(first) > 1 and not first[-1]:
        first = first[:-1]
    _bounded(tuple(first))
    if not (_is_header(first) if has_header is None else has_header):
        return tuple(f"column {number}" for number in range(1, len(first) + 1)), False
    return _distinct(first), True


def _is_header(cells: list[str]) -> bool:
    """A row of names: none is a number, a date, an address, or empty in the middle of others."""
    named = [cell.strip() for cell in cells if cell.strip()]
    return len(named) * 2 > len(cells) and not any(
        cell[0].isdigit() or cell.startswith(("-", "+")) or "@" in cell for cell in named
    )


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Column names as they stand; a repeated one gets its count, an empty one its place."""
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for place, raw in enumerate(names, 1):
        name = raw.strip().replace("\0", "") or f"column {place}"
        seen[name] += 1
        while seen[name] > 1 and (renamed := f"{name} ({seen[name]})") in seen:
            seen[name] += 1
        distinct.append(name if seen[name] == 1 else renamed)
    return tuple(distinct)


def _bounded(columns: tuple[str, ...]) -> tuple[str, ...]:
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFile(
            f"the file has {len(columns):,} columns; at most {MAX_COLUMNS:,} can be imported"
        )
    return columns
