"""Cursor values: which is later, how they are sent, and how far a look-back goes."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.sources.contract import DataType, Selection, SourceRefused

AHEAD = timedelta(days=1)
_NUMBERS = (DataType.INTEGER, DataType.NUMBER)
_TIMES = (DataType.TIME, DataType.DATE)
_MILLISECONDS = 100_000_000_000  # as seconds it would be the year 5138
_NUMBER = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?")
_EXAMPLES = {DataType.INTEGER: "1000", DataType.NUMBER: "12.5", DataType.DATE: "2026-01-05"}


def rank(kind: DataType, value: Any) -> Any:
    """What orders cursor values of this type. Raises ValueError or TypeError when it is none."""
    if kind in _TIMES:
        return moment(value)
    if kind in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError(value)
        return value if isinstance(value, int | float) else _number(value)
    if not isinstance(value, str):
        raise TypeError(value)
    return (len(value) if value.isascii() and value.isdigit() else 0, value)


def _number(text: str) -> int | Decimal:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text) if "." in text else int(text)


def moment(value: Any) -> datetime:
    """The moment that a text writes; without an offset it is UTC. Raises ValueError or TypeError."""
    if not isinstance(value, str):
        raise TypeError(value)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_ahead(kind: DataType, value: Any, now: datetime) -> bool:
    """Whether it is more than a day in the future: a clock that was wrong once must not hide what comes after."""
    return kind in _TIMES and moment(value) > now + AHEAD


def looked_back(selection: Selection, cursor: Any) -> Any:
    """The cursor, moved back by the selection's look-back; as it is when it cannot be moved."""
    kind = selection.column(selection.cursor).type
    if not selection.look_back:
        return cursor
    try:
        if kind in _NUMBERS:
            moved = rank(kind, cursor) - selection.look_back
            return str(moved) if isinstance(moved, Decimal) else moved
        if kind in _TIMES:
            return _like(cursor, moment(cursor) - timedelta(seconds=selection.look_back))
    except (ValueError, TypeError, OverflowError):
        pass
    return cursor


def _like(written: str, at: datetime) -> str:
    """The moment, written as the other one is."""
    if len(written) == len("2026-01-05"):
        return at.date().isoformat()
    text = at.isoformat(sep=written[10])
    if written.endswith(("Z", "z")):
        return text.removesuffix("+00:00") + "Z"
    has_offset = "+" in written[10:] or "-" in written[10:]
    return text if has_offset else text.removesuffix("+00:00")


def typed_cursor(selection: Selection, typed: str) -> Any:
    """The cursor that a person typed. Raises SourceRefused."""
    kind = selection.column(selection.cursor).type
    try:
        if kind is DataType.INTEGER:
            return int(typed)
        if kind is DataType.NUMBER:
            return float(typed)
        if kind is DataType.DATE:
            return date.fromisoformat(typed).isoformat()
        if kind is DataType.TIME:
            return moment(typed).astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except (ValueError, OverflowError):
        example = _EXAMPLES.get(kind, "2026-01-05 10:20")
        raise SourceRefused(
            f"{typed!r} is no value of {selection.cursor}: write it like {example}."
        ) from None
    return typed


def sent(value: Any, form: str) -> str:
    """The cursor as the parameter carries it."""
    if form == "as_is":
        return str(value)
    at = _at(value)
    if at is None:
        return str(value)
    if form == "iso":
        return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    if form == "date":
        return at.astimezone(UTC).date().isoformat()
    return str(int(at.timestamp() * (1000 if form == "milliseconds" else 1)))


def _at(value: Any) -> datetime | None:
    try:
        if isinstance(value, str):
            return moment(value)
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
