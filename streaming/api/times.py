"""Times that callers write."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime


def time_in(value: object) -> datetime | None:
    """The time with its zone that a text says in ISO 8601; None for anything else.

    In UTC, because PostgreSQL does not know every offset that Python does.
    """
    try:
        time = parse_datetime(value) if isinstance(value, str) else None
        return time.astimezone(UTC) if time is not None and time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
