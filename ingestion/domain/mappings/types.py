"""Read a value as the type that the mapping says."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from ingestion.domain.events.times import canonical_text, parse_time, time_text
from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.plain import moment_text, plain
from ingestion.domain.values import read_boolean, read_decimal_comma, read_number, read_time

Cast = Callable[[Any], Any]
_TIME = len("2026-01-05")
TYPES = ("text", "number", "decimal_comma", "boolean", "timestamp")


def cast_to(name: str, *, time_format: str, clock: time) -> Cast:
    """What reads a value (never null) as one of TYPES. It raises PartFailed."""
    if name == "timestamp":
        return partial(_timestamp, time_format=time_format, clock=clock)
    return _CASTS[name]


def _text(value: Any) -> str:
    value = plain(value)
    if value.__class__ is str:
        return str(value)
    if value is True or value is False:
        return "true" if value else "false"
    if value.__class__ is float and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # what spreadsheets and databases make of whole numbers
    if value.__class__ in (int, float):
        return str(value)
    raise PartFailed("bad_value", "is not a text")


def _number(value: Any, read: Callable[[str], int | float] = read_number) -> int | float:
    if value.__class__ is str:
        try:
            value = read(value.strip())
        except ValueError:
            raise PartFailed("bad_value", "is not a number") from None
    value = plain(value)
    if value.__class__ in (int, float):
        return value
    raise PartFailed("bad_value", "is not a number")


def _decimal_comma(value: Any) -> int | float:
    return _number(value, read_decimal_comma)


def _boolean(value: Any) -> bool:
    value = plain(value)
    if value is True or value is False:
        return bool(value)
    try:
        return read_boolean(str(value).strip() if value.__class__ in (str, int) else "")
    except ValueError:
        raise PartFailed("bad_value", "is neither yes nor no") from None


def _timestamp(value: Any, *, time_format: str, clock: time) -> str:
    if value.__class__ is str:
        if not time_format and (written := _written(value)) is not None:
            return written
    else:
        if isinstance(value, datetime):
            return moment_text(value if value.tzinfo else value.replace(tzinfo=clock.tzinfo))
        if isinstance(value, date):
            return moment_text(datetime.combine(value, clock))
    value = plain(value)
    try:
        if value.__class__ is str:
            return read_time(value.strip(), time_format=time_format, clock=clock)
        at = parse_time(value)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise PartFailed(
            "bad_value", "is not a time" + (" of the form it should have" if time_format else "")
        )
    return time_text(at.astimezone(UTC))


def _written(text: str) -> str | None:
    """Of what most programs write, `2026-01-05T10:20:30.123Z`, the time as we write it; None of everything else."""
    if text[_TIME : _TIME + 1] != "T" or text[-1] != "Z" or "\0" in text:
        return None
    try:
        return canonical_text(text, datetime.fromisoformat(text))
    except ValueError:
        return None


_CASTS: dict[str, Cast] = {
    "text": _text,
    "number": _number,
    "decimal_comma": _decimal_comma,
    "boolean": _boolean,
}
