"""Values as they come from a database, made what an event can hold."""

from collections.abc import Callable
from typing import Any

import orjson

from ingestion.sources.contract import Column, DataType

Convert = Callable[[Any], Any]
_DATE = len("2026-01-05")


def converters(columns: tuple[Column, ...]) -> list[tuple[str, Convert]]:
    """For each column whose values need it, what makes them so."""
    return [(column.name, _CONVERTERS[column.type]) for column in columns if column.type in _CONVERTERS]


def time_in_iso(value: Any) -> Any:
    """`2026-01-05 10:20:30.1+00` as `2026-01-05T10:20:30.1Z`; what is no text stays."""
    if value.__class__ is not str or len(value) <= _DATE or value[_DATE] != " ":
        return value
    if value.endswith("+00"):
        return f"{value[:_DATE]}T{value[_DATE + 1 : -3]}Z"
    return f"{value[:_DATE]}T{value[_DATE + 1 :]}"


def number(value: Any) -> Any:
    """The number that a decimal's text stands for."""
    if value.__class__ is not str:
        return value
    try:
        return float(value) if not value.lstrip("-").isdecimal() or len(value) > 18 else int(value)  # noqa: PLR2004 -- digits of 2^63
    except ValueError:
        return value


def document(value: Any) -> Any:
    """The JSON value that a text holds; one that was cut off, or is none, stays a text."""
    try:
        return orjson.loads(value) if value.__class__ is str else value
    except orjson.JSONDecodeError:
        return value


def text_of_bytes(value: Any) -> Any:
    """Bytes as a text, undecodable ones as U+FFFD."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


_CONVERTERS: dict[DataType, Convert] = {
    DataType.TIME: time_in_iso,
    DataType.NUMBER: number,
    DataType.JSON: document,
    DataType.BINARY: text_of_bytes,
    DataType.OTHER: text_of_bytes,
}
