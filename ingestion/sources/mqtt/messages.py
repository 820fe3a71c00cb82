"""Messages as they come, and the rows that they become."""

from typing import Any, NamedTuple

import orjson

from ingestion.sources.contract import Column, DataType, RefusedRow, Row
from ingestion.sources.mqtt.broker import Wanted

MAX_PAYLOAD = 128 * 1024
ABOUT = (
    Column("topic", DataType.TEXT, "topic", is_nullable=False),
    Column("levels", DataType.JSON, "levels of the topic", is_nullable=False),
    Column("payload", DataType.JSON, "whole message"),
    Column("retained", DataType.BOOLEAN, "kept by the broker", is_nullable=False),
    Column("content_type", DataType.TEXT, "content type"),
    Column("user_properties", DataType.JSON, "user properties"),
)
"""What each message has besides its own fields."""


class Message(NamedTuple):
    """A message of the broker; of one that is too large only its size is kept."""

    topic: str | None
    payload: bytes
    size: int
    qos: int
    packet: int
    is_again: bool
    is_retained: bool
    content_type: str | None
    user_properties: dict[str, str]


class Unreadable(ValueError):
    """The payload cannot be read; the message says why."""


def row_of(message: Message, identity: str, wanted: Wanted, names: frozenset[str]) -> Row | RefusedRow:
    """The row of a message, with the values of these names."""
    try:
        values = values_of(message, wanted)
    except Unreadable as unreadable:
        beginning = message.payload[:200].decode(errors="replace")
        return RefusedRow(str(unreadable), {"topic": message.topic, "payload": beginning})
    return Row(identity, {name: value for name, value in values.items() if name in names})


def values_of(message: Message, wanted: Wanted) -> dict[str, Any]:
    """The fields of a message, and what is known about it. Raises Unreadable."""
    if message.topic is None:
        raise Unreadable("the topic is not UTF-8")
    payload = _payload(message, wanted)
    about = {
        "topic": message.topic, "levels": message.topic.split("/"), "payload": payload, "retained": message.is_retained,
        "content_type": message.content_type, "user_properties": message.user_properties,
    }  # fmt: skip
    return {**payload, **about} if isinstance(payload, dict) else about


def _payload(message: Message, wanted: Wanted) -> Any:
    if message.size > MAX_PAYLOAD:
        raise Unreadable(f"the message has {message.size:,} bytes; at most {MAX_PAYLOAD:,} are taken")
    if wanted.is_json:
        return _json(message.payload)
    try:
        text = message.payload.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"the message is not UTF-8: byte {error.start + 1} is no character") from None
    return _number(text.strip()) if text.strip() else text


def _json(payload: bytes) -> Any:
    if not payload.strip():
        raise Unreadable("the message is empty")
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"the message is not JSON: {error}"[:200]) from None


def _number(text: str) -> Any:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return found if type(found) in (int, float) else text  # true and false are words
