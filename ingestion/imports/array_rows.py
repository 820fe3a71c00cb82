"""Rows that were taken out of a spreadsheet: a JSON array of cells on each line. Its line is that of the sheet."""

from collections.abc import Iterator
from typing import Any

import orjson

from ingestion.imports.content import Content
from ingestion.imports.formats import FileFormat
from ingestion.imports.lines import MAX_ROW, line_blocks
from ingestion.imports.rows import BadRow, Block, Position, Row, shown

TOO_LONG = f"the row is longer than {MAX_ROW // 1024} KB"


def array_blocks(content: Content, file_format: FileFormat, start: Position) -> Iterator[Block]:
    """Read on from `start`. The first row that is not empty is the header when the format has one."""
    offset, line, number = start.offset, start.line, start.row
    header_due = file_format.has_header and start.row == 0
    width = len(file_format.columns)
    for lines in line_blocks(content):
        rows: list[Row] = []
        bad: list[BadRow] = []
        offset += lines.size
        for piece in [lines.data] if lines.too_long else lines.data.splitlines():
            line += 1
            if piece == b"[]":
                continue
            if header_due:
                header_due = False
                continue
            number += 1
            if lines.too_long or len(piece) > MAX_ROW:
                bad.append(BadRow(number, line, TOO_LONG, shown(piece.decode(errors="replace"))))
                continue
            cells: list[Any] = orjson.loads(piece)
            if len(cells) > width:
                reason = f"the row has {len(cells)} values, the file has {width} columns"
                bad.append(BadRow(number, line, reason, shown(piece.decode(errors="replace"))))
                continue
            rows.append(Row(number, line, cells + [None] * (width - len(cells))))
        yield Block(Position(offset, line, number), rows, bad)


def first_arrays(content: Content, most: int) -> list[list[Any]]:
    """The first rows that are not empty, for finding out what the columns are."""
    found: list[list[Any]] = []
    for lines in line_blocks(content):
        if lines.too_long:
            continue
        for piece in lines.data.splitlines():
            if piece != b"[]":
                found.append(orjson.loads(piece))
            if len(found) == most:
                return found
    return found
