"""Read the text of a cell as what it stands for."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ingestion.domain.values import read_boolean, read_decimal_comma, read_number, read_time, time_clock
from ingestion.imports.columns import Column, Mapping, ValueKind

Reading = Callable[[str], Any]


def reading_of(column: Column, mapping: Mapping) -> Reading | None:
    """How to read the column's cells; None when the text stands for itself. The reading raises ValueError."""
    if column.kind == ValueKind.TIME or column.target == "timestamp":
        clock = time_clock(mapping.time_of_day, mapping.time_zone)
        return partial(read_time, time_format=column.time_format, clock=clock)
    return _READINGS.get(column.kind)


_READINGS: dict[str, Reading] = {
    ValueKind.NUMBER: read_number,
    ValueKind.DECIMAL_COMMA: read_decimal_comma,
    ValueKind.BOOLEAN: read_boolean,
}
