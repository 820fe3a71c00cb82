"""Look something up in a list by what it is called elsewhere in the record: JMESPath has no way to say that."""

from typing import Any

from ingestion.domain.mappings.expressions import BadExpression, Expression, compile_expression
from ingestion.domain.mappings.limits import MAX_VALUES

_PARTS = ("in", "where", "is", "take")


def compile_find(written: Any) -> Expression:
    """Of the first object of the list `in` whose `where` equals `is`, the `take`. Raises BadExpression."""
    if (
        not isinstance(written, dict)
        or set(written) != set(_PARTS)
        or not all(isinstance(each, str) for each in written.values())
    ):
        raise BadExpression('find should be an object with four expressions: "in", "where", "is" and "take"')
    listed, where, sought, take = (compile_expression(written[part]) for part in _PARTS)

    def find(record: Any) -> Any:
        items, value = listed(record), sought(record)
        if items.__class__ is not list or value is None:
            return None
        return next((take(item) for item in items[:MAX_VALUES] if where(item) == value), None)

    return find
