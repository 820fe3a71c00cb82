"""The tables of a database and their columns."""

from typing import Any

from sqlalchemy import Connection, Inspector, inspect, types
from sqlalchemy.engine.interfaces import ReflectedColumn

from ingestion.sources.contract import Column, DataType, StreamChanged, StreamInfo

MAX_TABLES = 500
_TYPES: tuple[tuple[type[types.TypeEngine[Any]], DataType], ...] = (
    (types.Boolean, DataType.BOOLEAN),
    (types.Integer, DataType.INTEGER),
    (types.Numeric, DataType.NUMBER),
    (types.Float, DataType.NUMBER),
    (types.DateTime, DataType.TIME),
    (types.Date, DataType.DATE),
    (types.JSON, DataType.JSON),
    (types.LargeBinary, DataType.BINARY),
    (types.BINARY, DataType.BINARY),
    (types.VARBINARY, DataType.BINARY),
    (types.String, DataType.TEXT),
    (types.Uuid, DataType.TEXT),
)


def tables(connection: Connection, schema: str | None) -> list[StreamInfo]:
    """The tables and views that this login sees, with all columns, in as few questions as the database allows."""
    inspector = inspect(connection)
    names = sorted([*inspector.get_table_names(schema), *inspector.get_view_names(schema)])[:MAX_TABLES]
    keys = {
        name: tuple(each["constrained_columns"])
        for (_, name), each in inspector.get_multi_pk_constraint(schema).items()
    }
    views = set(inspector.get_view_names(schema))
    found = []
    for (_, name), columns in inspector.get_multi_columns(schema).items():
        if name in names:
            found.append(StreamInfo(name, _columns(columns), keys.get(name, ())))
    described = {each.name for each in found}
    found += [_table(inspector, name, schema) for name in names if name in views and name not in described]
    return sorted(found, key=lambda each: each.name)


def table(connection: Connection, name: str, schema: str | None) -> StreamInfo:
    """One table as it is now. Raises StreamChanged when it is gone."""
    inspector = inspect(connection)
    if not inspector.has_table(name, schema):
        raise StreamChanged(
            f"There is no table {name} that this user may read: it was renamed, deleted, or its permission taken away."
        )
    return _table(inspector, name, schema)


def _table(inspector: Inspector, name: str, schema: str | None) -> StreamInfo:
    key = tuple(inspector.get_pk_constraint(name, schema)["constrained_columns"])
    return StreamInfo(name, _columns(inspector.get_columns(name, schema)), key)


def _columns(reflected: list[ReflectedColumn]) -> tuple[Column, ...]:
    return tuple(
        Column(each["name"], _type(each["type"]), str(each["type"])[:100], bool(each.get("nullable", True)))
        for each in reflected
    )


def _type(declared: types.TypeEngine[Any]) -> DataType:
    return next((ours for theirs, ours in _TYPES if isinstance(declared, theirs)), DataType.OTHER)
