"""The beginning of a file, looked at without fetching all of it: for its columns, and for previews."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.imports.content import GZIP_MAGIC
from ingestion.imports.detection import HEAD
from ingestion.imports.formats import FileKind, UnreadableFile
from ingestion.imports.opening import Opened, open_file
from ingestion.imports.parquet_rows import PARQUET_MAGIC
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import Position
from ingestion.imports.workbooks import ZIP_MAGIC
from ingestion.sources.contract import Column, DataType, Row
from ingestion.sources.files.copies import directory, local_copy
from ingestion.sources.files.places import FoundFile
from ingestion.sources.files.records import columns_of, of_files, record_maker
from ingestion.sources.files.subject import Subject
from ingestion.sources.files.unpacking import opened_copy

BEGINNING = 2 * HEAD
MOST_WHOLE = 64 << 20
SAMPLED_ROWS = 200
_BEGINNING = ".beginning"
_OBJECTS = (FileKind.JSON_LINES, FileKind.JSON_ARRAY)


def columns_in(subject: Subject, file: FoundFile) -> list[Column]:
    """The columns of a file: of a table all of them, of objects those of the first. Raises UnreadableFile."""
    with subject.place.open(file.name) as source:
        magic = source.read(len(PARQUET_MAGIC))
        if magic == PARQUET_MAGIC:
            from ingestion.sources.files.parquet_columns import parquet_columns  # noqa: PLC0415 -- pyarrow takes long to load

            return parquet_columns(source)
    with _beginning(subject, file) as opened:
        if opened.format.kind not in _OBJECTS:
            kind = DataType.OTHER if opened.format.kind == FileKind.XLSX else DataType.TEXT
            return [
                Column(name, kind, "cell" if kind is DataType.OTHER else "text")
                for name in opened.format.columns
            ]
        keys = dict.fromkeys(key for found in _objects(opened) for key in found)
        return [Column(key, DataType.OTHER, "value") for key in keys]


def first_rows(subject: Subject, file: FoundFile, chosen: tuple[str, ...], most: int) -> list[Row]:
    """The first rows of a file. Raises UnreadableFile."""
    chosen = of_files(chosen)
    with _beginning(subject, file) as opened:
        columns, _ = columns_of(opened.format, chosen)
        make = record_maker(file, "sample", columns, chosen)
        block = next(read_blocks(opened.path, opened.format.only(columns), Position()), None)
        return [make(row) for row in block.rows[:most]] if block else []


def rows_at_beginning(subject: Subject, file: FoundFile) -> tuple[int, int]:
    """How many rows the beginning of the file has, and how many of its bytes that are. Raises UnreadableFile."""
    with _beginning(subject, file) as opened:
        columns, _ = columns_of(opened.format, ())
        size = opened.path.stat().st_size if opened.path.suffix == _BEGINNING else file.size
        rows = 0
        try:
            for block in read_blocks(opened.path, opened.format.only(columns), Position()):
                rows += len(block.rows) + len(block.bad)
        except UnreadableFile:
            if not rows:  # the beginning of what is compressed ends in the middle
                raise
        return rows, size


def _objects(opened: Opened) -> list[dict[str, object]]:
    block = next(read_blocks(opened.path, opened.format.only(()), Position()), None)
    return [row.values[0] for row in block.rows[:SAMPLED_ROWS]] if block else []


@contextmanager
def _beginning(subject: Subject, file: FoundFile) -> Iterator[Opened]:
    with subject.place.open(file.name) as source:
        head = source.read(BEGINNING)
        while len(head) < BEGINNING and (more := source.read(BEGINNING - len(head))):
            head += more
    if head.startswith((ZIP_MAGIC, PARQUET_MAGIC)):
        if file.size > MOST_WHOLE:
            raise UnreadableFile(f"it is too large to be looked into here (more than {MOST_WHOLE >> 20} MB)")
        with local_copy(subject.place, file, subject.about) as copy:
            copy.is_done = True
            with opened_copy(copy, subject.options) as opened:
                yield opened
        return
    if len(head) == BEGINNING and not head.startswith(GZIP_MAGIC):
        head = head[: head.rfind(b"\n") + 1] or head
    path = directory() / f"{secrets.token_hex(16)}{_BEGINNING}"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(head)
        yield open_file(path, has_header=subject.options.has_header)
    finally:
        path.unlink(missing_ok=True)
