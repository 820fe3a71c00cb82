"""The timeline row of an event in PostgreSQL's binary COPY format, but for its anchor, its name and its evidence."""

import struct
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from profiles.builder.binary import microseconds

if TYPE_CHECKING:
    from profiles.builder.arrival import Arrival

_TIMES = struct.Struct(">iqiq")
_CLIENT_TIME = struct.Struct(">iq")
_ORIGIN = struct.Struct(">iiiqi")
_ARRAY = struct.Struct(">iiiIii")
_TEXT = 25
_NULL = b"\xff\xff\xff\xff"


def row_of(arrival: "Arrival", event: dict[str, Any], client: datetime | None) -> bytes:
    """The middle of the row."""
    message = arrival.order.message_id.encode()
    traits = event.get("traits")
    return b"".join(
        (
            _TIMES.pack(8, arrival.time, 8, arrival.received),
            _NULL if client is None else _CLIENT_TIME.pack(8, microseconds(client)),
            _ORIGIN.pack(4, arrival.source_id, 8, arrival.import_id, len(message)),
            message,
            _document(event.get("properties") or {}),
            _document(event.get("context") or {}),
            _document(traits) if traits else _NULL,
            _texts(arrival.purposes) if arrival.purposes else _NULL,
        )
    )


def _document(value: Any) -> bytes:
    text = orjson.dumps(value)
    return (len(text) + 1).to_bytes(4, "big") + b"\x01" + text


def _texts(values: list[str]) -> bytes:
    """A text[] field."""
    elements = b"".join([len(text).to_bytes(4, "big") + text for text in map(str.encode, values)])
    return _ARRAY.pack(_ARRAY.size - 4 + len(elements), 1, 0, _TEXT, len(values), 1) + elements
