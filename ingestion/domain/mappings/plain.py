"""A value of a record as the log can hold it: JSON, and what databases return beside it."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.domain.events import repaired, text_of_bytes
from ingestion.domain.events.limits import MAX_DEPTH
from ingestion.domain.events.times import time_text
from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.limits import MAX_VALUES

LEAST, MOST = -(2**63), 2**64
"""Integers from the one and below the other are kept as they are."""


def plain(value: Any) -> Any:
    """The value; moments become ISO 8601 in UTC, exact numbers the nearest. Raises PartFailed when it is too large."""
    kind = value.__class__
    if kind is str:
        return repaired(value) if "\0" in value else value
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if LEAST <= value < MOST else _as_float(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict or kind is list:
        _check_size(value)
        return repaired(_nested(value))
    return _of_database(value)


def _as_float(value: int | Decimal) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _check_size(value: Any) -> None:
    pending, left = [value], MAX_VALUES
    while pending:
        each = pending.pop()
        left -= 1
        if each.__class__ is dict or each.__class__ is list:
            left -= len(each)
            pending.extend(each.values() if each.__class__ is dict else each)
        if left < 0:
            raise PartFailed("value_too_large", f"the value holds more than {MAX_VALUES:,} values")


def _nested(value: Any, depth: int = 0) -> Any:
    """What stands below, without what only databases know; beyond any event's depth it is left to the check."""
    if value.__class__ is dict and depth <= MAX_DEPTH:
        return {str(key): _nested(each, depth + 1) for key, each in value.items()}
    if value.__class__ is list and depth <= MAX_DEPTH:
        return [_nested(each, depth + 1) for each in value]
    if value.__class__ in (dict, list):
        raise PartFailed("too_deep", f"objects and lists are nested deeper than {MAX_DEPTH}")
    return plain(value)


def _of_database(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value() and LEAST <= value < MOST
        return int(value) if whole else _as_float(value)
    if isinstance(value, date | timedelta):
        return value.isoformat() if isinstance(value, date) else value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return text_of_bytes(bytes(value))
    if isinstance(value, tuple | set | frozenset):
        return plain(list(value))
    return str(repaired(str(value)))


def moment_text(at: datetime) -> str:
    """The moment as ISO 8601 in UTC; without an offset it is UTC."""
    try:
        return time_text(at if at.tzinfo else at.replace(tzinfo=UTC))
    except OverflowError:
        raise PartFailed("bad_value", "is a time outside of the calendar") from None
