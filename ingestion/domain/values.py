"""Read a text as the number, the yes or no, or the moment that it stands for."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from ingestion.domain.events.times import canonical_text, parse_time, time_text

_DIGITS = 18  # that 64 bits always hold
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "off"})
_DATE_LENGTHS = (8, 10)  # 19970101, 1997-01-01
_BASIC_DATE = 8


def time_clock(time_of_day: str = "12:00", time_zone: str = "UTC") -> time:
    """The time of day, with its zone, that completes a date."""
    hours, minutes = map(int, time_of_day.split(":"))
    return time(hours, minutes, tzinfo=UTC if time_zone == "UTC" else ZoneInfo(time_zone))


def read_number(text: str) -> int | float:
    """A number as programs and English spreadsheets write it."""
    if text.isascii():  # what most are is told sooner without a pattern
        whole, point, part = text.partition(".")
        if whole.isdigit() and (part.isdigit() if point else len(whole) <= _DIGITS):
            return float(text) if point else int(text)
    if _INTEGER.fullmatch(text):
        return int(text)
    if not text or not _DECIMAL.fullmatch(text) or not any(map(str.isdigit, text)):
        raise ValueError("is not a number")
    return float(text.replace(",", ""))


def read_decimal_comma(text: str) -> int | float:
    """A number as most European spreadsheets write it: 1.119,68."""
    return read_number(text.translate(str.maketrans(",.", ".,")))


def read_boolean(text: str) -> bool:
    """Yes or no, in the usual ways."""
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("is neither yes nor no")


def read_time(text: str, *, time_format: str, clock: time) -> str:
    """A moment as ISO 8601 in UTC. `clock` completes dates, and its zone the times without an offset."""
    if time_format:
        return _parsed(text, time_format, clock)
    is_count = text.isdigit() and len(text) != _BASIC_DATE
    at = parse_time(int(text)) if is_count else _iso(text, clock)
    if at is None:
        raise ValueError("is not a time")
    return canonical_text(text, at) if at.tzinfo is UTC else time_text(at)


def _iso(text: str, clock: time) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) in _DATE_LENGTHS:
        return datetime.combine(at.date(), clock)
    return at if at.tzinfo else at.replace(tzinfo=clock.tzinfo)


def _parsed(text: str, time_format: str, clock: time) -> str:
    try:
        at = datetime.strptime(text, time_format)  # noqa: DTZ007 -- the zone follows
    except (ValueError, re.error):
        raise ValueError("is not a time of the form it should have") from None
    if not ("%H" in time_format or "%I" in time_format or "%X" in time_format or "%c" in time_format):
        return time_text(datetime.combine(at.date(), clock))
    return time_text(at if at.tzinfo else at.replace(tzinfo=clock.tzinfo))
