"""What the messages of a stream hold, as far as the first of them tell."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ingestion.sources.contract import Column, DataType, Row, Selection, StreamInfo
from ingestion.sources.mqtt.broker import MAX_FIELDS, Broker, Wanted, fields_text
from ingestion.sources.mqtt.messages import ABOUT, Message, Unreadable, row_of, values_of
from ingestion.sources.mqtt.session import session

WAIT_S = 4.0
GATHER_S = 1.0
SAMPLED = 100
_ABOUT = frozenset(column.name for column in ABOUT)
_SHORTEST_TIME = len("2026-01-05T10:20")


def look(broker: Broker) -> None:
    """Log in, as another client, so that nobody who listens is thrown out."""
    with session(broker, _another(broker), is_kept=False):
        return


def sampled(broker: Broker, wanted: Wanted, most: int, seconds: float = WAIT_S) -> list[Message]:
    """The first messages that come within a few seconds, beside those who listen: nothing is taken from them.

    Raises SourceRefused when a topic may not be listened to, and so with `most` 0.
    """
    with session(broker, _another(broker), is_kept=False) as opened:
        opened.subscribe(wanted.filters, takes_retained=wanted.takes_retained)
        return opened.collect(most, seconds=seconds, gather_s=GATHER_S) if most else []


def described(name: str, broker: Broker, wanted: Wanted) -> StreamInfo:
    """The fields that a person named, else those of the first messages."""
    messages = sampled(broker, wanted, 0 if wanted.fields else SAMPLED)
    fields = dict(wanted.fields) or _fields_of(messages, wanted)
    columns = tuple(Column(field, kind, kind.value) for field, kind in fields.items())
    return StreamInfo(
        name, (*columns, *ABOUT), is_identified=True, is_sampled=True,
        proposed={"known_fields": fields_text(fields)} if fields else {},
        about=_ABOUT, device=_device(wanted),
    )  # fmt: skip


def sample_rows(broker: Broker, wanted: Wanted, selection: Selection, most: int) -> list[Row]:
    """The rows of the first messages; those that cannot be read are left out."""
    names = frozenset(selection.names)
    made = [
        row_of(message, f"sample|{number}", wanted, names)
        for number, message in enumerate(sampled(broker, wanted, most))
    ]
    return [row for row in made if isinstance(row, Row)]


def _fields_of(messages: Iterable[Message], wanted: Wanted) -> dict[str, DataType]:
    found: dict[str, DataType] = {}
    for message in messages:
        try:
            values = values_of(message, wanted)
        except Unreadable:
            continue
        for name, value in values.items():
            if name not in _ABOUT and len(found) < MAX_FIELDS and name.isprintable() and name.strip():
                found[name] = _both(found.get(name), _type(value))
    return found


def _both(known: DataType | None, kind: DataType) -> DataType:
    if known is None or known is kind or kind is DataType.OTHER:
        return known or kind
    if known is DataType.OTHER:
        return kind
    return DataType.NUMBER if {known, kind} == {DataType.INTEGER, DataType.NUMBER} else DataType.TEXT


def _type(value: Any) -> DataType:
    if value is None:
        return DataType.OTHER
    if isinstance(value, bool):
        return DataType.BOOLEAN
    if isinstance(value, int):
        return DataType.INTEGER
    if isinstance(value, float):
        return DataType.NUMBER
    if isinstance(value, list | Mapping):
        return DataType.JSON
    return DataType.TIME if _is_time(value) else DataType.TEXT


def _is_time(value: str) -> bool:
    try:
        return len(value) >= _SHORTEST_TIME and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _device(wanted: Wanted) -> str:
    """Where a topic says which device it is: at the first level that stands for any."""
    levels = wanted.filters[0].split("/")
    return f"levels[{levels.index('+')}]" if "+" in levels else ""


def _another(broker: Broker) -> str:
    return f"{broker.client_id}-{secrets.token_hex(4)}"
