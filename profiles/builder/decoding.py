"""A record as an event: decoded, without what cannot be stored, or refused with a reason that repeats nothing."""

from datetime import UTC, datetime
from typing import Any

from profiles.builder.diagnosis import MAX_EVENT_BYTES, TOO_LARGE, WRONG_KEY, reason_of
from streaming.contracts.events import UndecodableEvent, decode_event, record_key
from streaming.contracts.records import Record


class Unusable(Exception):
    """The record can never be applied; says why."""


def decode(record: Record) -> dict[str, Any]:
    """The event of the record. Raises Unusable."""
    if record.value and len(record.value) > MAX_EVENT_BYTES:
        raise Unusable(TOO_LARGE)
    try:
        event: dict[str, Any] = decode_event(record.value)  # type: ignore[assignment]
    except UndecodableEvent as error:
        raise Unusable(reason_of(error, None)) from error
    if record.value and b"\\u0000" in record.value:
        event = _without_nul(event)
    return event


def time_of(value: str, field: str) -> datetime:
    """A time of an event. Raises Unusable, naming the field."""
    try:
        time = datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise Unusable(f"the event cannot be read: {field} is not a time") from error
    if time.tzinfo is None:
        raise Unusable(f"the event cannot be read: {field} lacks its zone")
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def check_key(record: Record, event: dict[str, Any]) -> None:
    """Raises Unusable for a record that does not stand under the key of its event."""
    key = record.key or b""
    wanted = record_key(event.get("anonymous_id"), event.get("user_id"))
    if key != wanted and key.replace(b"\0", b"\xef\xbf\xbd") != wanted:  # the event was rid of NUL
        raise Unusable(WRONG_KEY)


def _without_nul(value: Any) -> Any:
    """The value without the character NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value
