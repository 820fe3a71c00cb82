"""Cursor values that people type, and how far a look-back goes."""

from datetime import date, datetime, timedelta
from typing import Any

from ingestion.sources.contract import DataType, Selection, SourceRefused


def looked_back(selection: Selection, cursor: Any) -> Any:
    """The cursor, moved back by the selection's look-back; as it is when it cannot be moved."""
    if not selection.look_back:
        return cursor
    if isinstance(cursor, int | float):
        return cursor - selection.look_back
    try:
        moved = datetime.fromisoformat(cursor) - timedelta(seconds=selection.look_back)
    except (ValueError, OverflowError):
        return cursor
    if selection.column(selection.cursor).type is DataType.DATE:
        return moved.date().isoformat()
    return moved.isoformat(sep=cursor[10] if len(cursor) > 10 else " ")  # noqa: PLR2004 -- where the time begins


def typed_cursor(selection: Selection, typed: str) -> Any:
    """The cursor that a person typed, as the column has it. Raises SourceRefused."""
    kind = selection.column(selection.cursor).type
    try:
        if kind is DataType.INTEGER:
            return int(typed)
        if kind is DataType.NUMBER:
            return str(float(typed))
        if kind is DataType.DATE:
            return date.fromisoformat(typed).isoformat()
        if kind is DataType.TIME:
            return datetime.fromisoformat(typed).isoformat(sep=" ")
    except ValueError:
        example = {DataType.INTEGER: "1000", DataType.NUMBER: "12.5", DataType.DATE: "2026-01-05"}.get(
            kind, "2026-01-05 10:20"
        )
        raise SourceRefused(
            f"{typed!r} is no value of {selection.cursor}: write it like {example}."
        ) from None
    return typed
