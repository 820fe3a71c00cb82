"""From the values of a row to an item in the form of the Segment protocol, which the collector's rules then check."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from ingestion.domain.events import ItemRejected, repaired
from ingestion.domain.mappings.identity import contact_id
from ingestion.imports.columns import CONTAINERS, FIELDS, IGNORED, Column, Mapping
from ingestion.imports.formats import FileFormat
from ingestion.imports.rows import Row
from ingestion.imports.values import Reading, reading_of

Item = dict[str, Any]
Read = Callable[[Any, Column, Reading | None], Any]
MESSAGE_HASH = 32  # characters of the file's hash in a message id: 128 bits


class Translation(Protocol):
    """From a row to an item."""

    def __call__(self, row: Row) -> Item:
        """The item. Raises ItemRejected naming the column that cannot be read."""

    def items_of(self, rows: Sequence[Row]) -> list[list[Item]]:
        """The only item of each row. Raises ItemRejected: one of the rows cannot be read."""

    def readable(self, row: Row) -> Item:
        """The item with what cannot be read as it stands in the file; for looking at, not for taking."""


def translation_of(mapping: Mapping, file_format: FileFormat, file_hash: str) -> Translation:
    """The translation by this mapping.

    The same row of the same content always has the same message id, whatever the mapping.
    """
    if mapping.is_segment:
        return _SegmentTranslation(file_hash)
    return _TableTranslation(mapping, file_format, file_hash)


class _SegmentTranslation:
    """Rows that are items already."""

    def __init__(self, file_hash: str) -> None:
        self._file_hash = file_hash

    def __call__(self, row: Row) -> Item:
        item: Item = row.values[0]
        if not item.get("messageId"):
            item["messageId"] = f"{self._file_hash[:MESSAGE_HASH]}-{row.number}"
        return item

    def items_of(self, rows: Sequence[Row]) -> list[list[Item]]:
        return [[self(row)] for row in rows]

    def readable(self, row: Row) -> Item:
        return self(row)


class _Step(NamedTuple):
    """From the values at a place of the rows to those of a key in a container."""

    place: int
    container: str
    key: str
    column: Column
    reading: Reading | None


class _TableTranslation:
    """The mapping, prepared: for each part of an item the places of the values that it is made of."""

    def __init__(self, mapping: Mapping, file_format: FileFormat, file_hash: str) -> None:
        self._file_hash = file_hash
        self._type = mapping.event_type
        self._event = mapping.event.strip()
        places = {name: place for place, name in enumerate(file_format.columns)}
        self._steps = [
            _Step(places[column.name], *_place_of(column.target), column, reading_of(column, mapping))
            for column in mapping.columns
            if column.target != IGNORED
        ]
        self._constants = [(*_place_of(target), value) for target, value in mapping.constants.items()]

    def __call__(self, row: Row) -> Item:
        return self._translated([row], _read)[0]

    def items_of(self, rows: Sequence[Row]) -> list[list[Item]]:
        return [[item] for item in self._translated(rows, _read)]

    def readable(self, row: Row) -> Item:
        return self._translated([row], _read_or_left)[0]

    def _translated(self, rows: Sequence[Row], read: Read) -> list[Item]:
        """Hot: a column of all rows is read before the next one is."""
        items: list[Item] = [{"type": self._type} for _ in rows]
        into: dict[str, list[Item]] = {name: [{} for _ in rows] for name in CONTAINERS}
        into[""] = items
        for container, key, constant in self._constants:
            for target in into[container]:
                target[key] = constant
        cells = [row.values for row in rows]
        for step in self._steps:
            _fill(into[step.container], cells, step, read)
        file = self._file_hash[:MESSAGE_HASH]
        for item, row in zip(items, rows, strict=True):
            if "event" not in item:
                item["event"] = self._event
            if "messageId" not in item:
                item["messageId"] = f"{file}-{row.number}"
        return list(map(_assembled, items, into["properties"], into["traits"], into["context"]))


def _fill(targets: list[Item], cells: list[Sequence[Any]], step: _Step, read: Read) -> None:
    place, _, key, column, reading = step
    prefix = column.prefix
    for target, values in zip(targets, cells, strict=True):
        value = values[place]
        if value.__class__ is str:
            value = value.strip()
            if not value:
                continue
            if reading is None and "\0" not in value:  # most cells are texts that stand for themselves
                target[key] = prefix + value
                continue
        elif value is None:
            continue
        target[key] = read(value, column, reading)


def _place_of(target: str) -> tuple[str, str]:
    """The container, none for the item itself, and the key in it."""
    container, _, key = target.partition(".")
    return (container, key) if key else ("", FIELDS[target])


def _read(value: Any, column: Column, reading: Reading | None) -> Any:
    if not isinstance(value, str):
        if column.target != "timestamp":
            return f"{column.prefix}{value}" if column.prefix else value
        value = str(value)
    if "\0" in value:
        value = repaired(value)
    if reading is None:
        return column.prefix + value
    try:
        return reading(value)
    except ValueError as error:
        raise ItemRejected("bad_value", f"column {column.name!r} {error}") from None


def _read_or_left(value: Any, column: Column, reading: Reading | None) -> Any:
    try:
        return _read(value, column, reading)
    except ItemRejected:
        return value


def _assembled(item: Item, properties: Item, traits: Item, context: Item) -> Item:
    """The item as an SDK would send it: what is known of the person goes beside a track, into an identify."""
    if "userId" not in item and "anonymousId" not in item and (known := contact_id(traits)):
        item["anonymousId"] = known
    if traits and item["type"] not in ("identify", "group"):
        context["traits"] = traits
    elif traits:
        item["traits"] = traits
    if context:
        item["context"] = context
    if properties:
        item["properties"] = properties
    return item
