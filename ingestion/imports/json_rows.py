"""Rows of a JSON Lines file: one object per line."""

from collections.abc import Iterator
from typing import Any

from ingestion.domain.events import parse_json
from ingestion.domain.events.repair import NotJson
from ingestion.imports.content import Content
from ingestion.imports.lines import MAX_ROW, line_blocks
from ingestion.imports.rows import BadRow, Block, Position, Row, shown

TOO_LONG = f"the line is longer than {MAX_ROW // 1024} KB"


def json_blocks(content: Content, columns: tuple[str, ...], start: Position) -> Iterator[Block]:
    """Read on from `start`. Without `columns` each object is the only value of its row."""
    offset, line, number = start.offset, start.line, start.row
    for lines in line_blocks(content):
        rows: list[Row] = []
        bad: list[BadRow] = []
        offset += lines.size
        pieces = [lines.data] if lines.too_long else lines.data.split(b"\n")
        for piece in pieces if lines.too_long or pieces[-1] else pieces[:-1]:
            line += 1
            if not piece.strip():
                continue
            number += 1
            try:
                found = None if lines.too_long or len(piece) > MAX_ROW else json_object(piece)
            except ValueError as error:
                bad.append(BadRow(number, line, str(error), shown(piece.decode(errors="replace"))))
                continue
            if found is None:
                bad.append(BadRow(number, line, TOO_LONG, shown(piece.decode(errors="replace"))))
            else:
                rows.append(
                    Row(number, line, [found.get(column) for column in columns] if columns else [found])
                )
        yield Block(Position(offset, line, number), rows, bad)


def json_object(piece: bytes, what: str = "the line") -> dict[str, Any]:
    """The object that is written there. Raises ValueError for anything else, and says what is wrong with `what`."""
    try:
        found = parse_json(piece)
    except NotJson as error:
        raise ValueError(str(error).replace("the body", what, 1)) from None
    if not isinstance(found, dict):
        raise ValueError(f"{what} is a JSON {type(found).__name__}, not an object")  # noqa: TRY004 -- bad data, not a bad call
    return found
