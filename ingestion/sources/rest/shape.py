"""Whether records still look as they did when their columns were chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.sources.contract import Column, DataType, Selection, StreamChanged
from ingestion.sources.rest.inferring import type_of

ENOUGH = 5  # records that say the same
_FAMILIES: dict[DataType, tuple[type, ...]] = {
    DataType.TEXT: (str,), DataType.TIME: (str,), DataType.DATE: (str,), DataType.INTEGER: (int, float, str),
    DataType.NUMBER: (int, float, str), DataType.BOOLEAN: (bool,), DataType.JSON: (dict, list),
}  # fmt: skip


def check_shape(selection: Selection, records: Sequence[Any]) -> None:
    """Look at the records of one page. Raises StreamChanged when all of them say that a column is another one now."""
    objects = [record for record in records if isinstance(record, dict)]
    if len(objects) < ENOUGH:
        return
    for column in selection.columns:
        if told := _change(column, objects):
            raise StreamChanged(
                f"{selection.stream} has changed: column {column.name} {told}. Choose its columns again, then resume it."
            )


def _change(column: Column, objects: Sequence[Mapping[str, Any]]) -> str:
    values = [value for record in objects if (value := record.get(column.name)) is not None]
    if not values:
        return "" if column.is_nullable else "is gone"
    family = _FAMILIES.get(column.type)
    if family is None or len(values) < ENOUGH or any(_is_of(value, family) for value in values):
        return ""
    return f"was {column.declared} and is {type_of(values[0])}"


def _is_of(value: Any, family: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return family == (bool,)
    return isinstance(value, family)
