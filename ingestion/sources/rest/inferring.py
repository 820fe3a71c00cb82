"""The columns of records, as far as some of them show: names, types, and whether each has a value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ingestion.sources.contract import Column, DataType
from ingestion.sources.rest.cursors import moment

MAX_COLUMNS = 300
MAX_NAME = 200
SAMPLED = 200  # records
CERTAIN = 20  # records that all have a value show that every one does
_DATE = len("2026-01-05")
_WORDS = {
    DataType.TEXT: "text", DataType.INTEGER: "whole number", DataType.NUMBER: "number", DataType.BOOLEAN: "yes or no",
    DataType.TIME: "time", DataType.DATE: "date", DataType.JSON: "object or list",
}  # fmt: skip
_KEYS = ("id", "uuid", "guid", "key", "_id", "ID", "Id", "number")


def columns_of(records: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns, in the order in which they first came; of very many those that most records have."""
    sample = records[:SAMPLED]
    counts: Counter[str] = Counter()
    for record in sample:
        counts.update(name for name in record if 0 < len(name) <= MAX_NAME and name.isprintable())
    kept = {name for name, _ in counts.most_common(MAX_COLUMNS)}
    return tuple(_column(name, sample) for name in counts if name in kept)


def key_of(columns: Iterable[Column], records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The column that is called like a key and is different in each record; empty when there is none."""
    names = {column.name for column in columns}
    for name in _KEYS:
        values = [record.get(name) for record in records[:SAMPLED]]
        if name in names and all(isinstance(value, str | int) for value in values):
            return (name,) if len(set(values)) == len(values) else ()
    return ()


def type_of(value: Any) -> DataType | None:
    """What a value is; None when it is empty."""
    if value is None:
        return None
    if isinstance(value, str):
        return _type_of_text(value)
    if isinstance(value, bool):
        return DataType.BOOLEAN
    if isinstance(value, int):
        return DataType.INTEGER
    return DataType.NUMBER if isinstance(value, float) else DataType.JSON


def _type_of_text(value: str) -> DataType:
    if len(value) < _DATE or not value[:4].isdigit() or value[4] != "-":
        return DataType.TEXT
    try:
        if len(value) == _DATE:
            date.fromisoformat(value)
            return DataType.DATE
        moment(value)
    except ValueError:
        return DataType.TEXT
    return DataType.TIME


def _column(name: str, sample: Sequence[Mapping[str, Any]]) -> Column:
    found = [type_of(record.get(name)) for record in sample]
    kinds = {kind for kind in found if kind is not None}
    is_nullable = len(found) < CERTAIN or None in found
    if not kinds:
        return Column(name, DataType.OTHER, "always empty", is_nullable=True)
    kind = _common(kinds)
    words = _WORDS.get(kind) or " or ".join(sorted(_WORDS[each] for each in kinds))
    return Column(name, kind, words, is_nullable)


def _common(kinds: set[DataType]) -> DataType:
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds <= {DataType.INTEGER, DataType.NUMBER}:
        return DataType.NUMBER
    if kinds <= {DataType.TIME, DataType.DATE}:
        return DataType.TIME
    return DataType.TEXT if kinds <= {DataType.TEXT, DataType.TIME, DataType.DATE} else DataType.OTHER
