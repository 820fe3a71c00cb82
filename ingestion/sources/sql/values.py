"""Values as they come from a database, made what an event can hold: a column of them at a time, for a call costs more than most values."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from ingestion.sources.contract import Column, DataType

Values = Sequence[Any]
Convert = Callable[[Values], Values]
_DATE = len("2026-01-05")
_DIGITS = 18  # that 64 bits always hold


def converters(columns: tuple[Column, ...]) -> list[tuple[int, Convert]]:
    """For the place of each column whose values need it, what makes them so."""
    return [(at, _CONVERTERS[column.type]) for at, column in enumerate(columns) if column.type in _CONVERTERS]


def times_in_iso(values: Values) -> Values:
    """`2026-01-05 10:20:30.1+00` as `2026-01-05T10:20:30.1Z`; what is no text stays."""
    return [
        f"{value[:_DATE]}T{value[_DATE + 1 : -3]}Z"
        if value.__class__ is str and value[_DATE : _DATE + 1] == " " and value[-3:] == "+00"
        else _time_in_iso(value)
        for value in values
    ]


def _time_in_iso(value: Any) -> Any:
    if value.__class__ is not str or value[_DATE : _DATE + 1] != " ":
        return value
    return f"{value[:_DATE]}T{value[_DATE + 1 :]}"


def numbers(values: Values) -> Values:
    """The numbers that the texts of decimals stand for."""
    try:
        return [
            float(value) if value.__class__ is str and "." in value else _number(value) for value in values
        ]
    except ValueError:
        return [_number(value) for value in values]


def _number(value: Any) -> Any:
    if value.__class__ is not str:
        return value
    try:
        return float(value) if not value.lstrip("-").isdecimal() or len(value) > _DIGITS else int(value)
    except ValueError:
        return value


def documents(values: Values) -> Values:
    """The JSON values that texts hold; one that was cut off, or is none, stays a text."""
    return [_document(value) for value in values]


def _document(value: Any) -> Any:
    try:
        return orjson.loads(value) if value.__class__ is str else value
    except orjson.JSONDecodeError:
        return value


def texts_of_bytes(values: Values) -> Values:
    """Bytes as texts, undecodable ones as U+FFFD."""
    return [value.decode(errors="replace") if isinstance(value, bytes) else value for value in values]


_CONVERTERS: dict[DataType, Convert] = {
    DataType.TIME: times_in_iso,
    DataType.NUMBER: numbers,
    DataType.JSON: documents,
    DataType.BINARY: texts_of_bytes,
    DataType.OTHER: texts_of_bytes,
}
