"""Read the rows of a file, from its beginning or from where an earlier reading stopped."""

from collections.abc import Iterator
from pathlib import Path

from ingestion.imports.array_rows import array_blocks
from ingestion.imports.content import open_content
from ingestion.imports.csv_rows import csv_blocks
from ingestion.imports.formats import FileFormat, FileKind
from ingestion.imports.json_array import array_of_objects
from ingestion.imports.json_rows import json_blocks
from ingestion.imports.parquet_rows import parquet_blocks
from ingestion.imports.rows import Block, Position


def read_blocks(path: Path, file_format: FileFormat, start: Position) -> Iterator[Block]:
    """Blocks of rows in the order of the file. Raises UnreadableFile where the rest cannot be read."""
    if file_format.kind == FileKind.PARQUET:
        yield from parquet_blocks(path, start)
        return
    with open_content(path, file_format, start.offset) as content:
        if file_format.kind == FileKind.CSV:
            yield from csv_blocks(content, file_format, start)
        elif file_format.kind == FileKind.JSON_ARRAY:
            yield from array_of_objects(content, file_format.columns, start)
        elif file_format.kind == FileKind.XLSX:
            yield from array_blocks(content, file_format, start)
        else:
            yield from json_blocks(content, file_format.columns, start)


def first_block(path: Path, file_format: FileFormat) -> Block:
    """The beginning of the file, for previews and proposals."""
    return next(read_blocks(path, file_format, Position()), Block(Position()))
