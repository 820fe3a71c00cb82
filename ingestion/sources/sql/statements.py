"""The statements that read a table: composed of quoted names, with all values as parameters."""

from typing import Any

from sqlalchemy import Connection, TextClause, text

from ingestion.sources.contract import Column, DataType, Mode, Selection, State
from ingestion.sources.sql.dialects import Dialect

_BOUNDED = frozenset({DataType.TEXT, DataType.JSON, DataType.OTHER, DataType.BINARY})


class Statements:
    """The statements for one selection in one database."""

    def __init__(
        self, connection: Connection, dialect: Dialect, selection: Selection, schema: str | None
    ) -> None:
        preparer = connection.dialect.identifier_preparer
        self._quote, self._dialect, self._selection = preparer.quote_identifier, dialect, selection
        name = self._quote(selection.stream)
        self._table = f"{self._quote(schema)}.{name}" if schema else name

    def rows(self, state: State) -> tuple[TextClause, dict[str, Any]]:
        """All rows after the state (the last one of the state is the first), in order."""
        conditions, parameters = self._after(state)
        order = ", ".join(self._quote(name) for name in self._ordering)
        return _text(
            f"SELECT {self._columns()} FROM {self._table}{_where(conditions)} ORDER BY {order}"
        ), parameters

    def without_cursor(self, limit: int) -> TextClause:
        """Rows whose cursor is empty."""
        cursor = self._quote(self._selection.cursor)
        return _text(f"SELECT {self._columns()} FROM {self._table} WHERE {cursor} IS NULL LIMIT {int(limit)}")

    def ahead(self, limit: int) -> TextClause | None:
        """How many rows (up to a number) have a cursor more than a day in the future; None when it is no time."""
        if not self._is_timed:
            return None
        inner = f"SELECT 1 AS one FROM {self._table} WHERE NOT {self._ceiling()} LIMIT {int(limit)}"
        return _text(f"SELECT count(*) FROM ({inner}) AS ahead")

    def count(self, state: State) -> tuple[TextClause, dict[str, Any]]:
        """How many rows there are after the state."""
        conditions, parameters = self._after(state)
        return _text(f"SELECT count(*) FROM {self._table}{_where(conditions)}"), parameters

    @property
    def _ordering(self) -> tuple[str, ...]:
        selection = self._selection
        if selection.mode == Mode.FULL:
            return selection.key
        return (selection.cursor, *(name for name in selection.key if name != selection.cursor))

    @property
    def _is_timed(self) -> bool:
        selection = self._selection
        return selection.mode == Mode.INCREMENTAL and selection.column(selection.cursor).type in (
            DataType.TIME,
            DataType.DATE,
        )

    def _columns(self) -> str:
        return ", ".join(self._column(column) for column in self._selection.columns)

    def _column(self, column: Column) -> str:
        quoted = self._quote(column.name)
        # What orders the rows comes as it is, so that it can be compared again.
        is_bounded = column.type in _BOUNDED and column.name not in self._ordering
        return f"{self._dialect.bounded.format(quoted)} AS {quoted}" if is_bounded else quoted

    def _after(self, state: State) -> tuple[list[str], dict[str, Any]]:
        conditions, parameters = [], {f"k{place}": value for place, value in enumerate(state.get("key", ()))}
        names = [self._quote(name) for name in self._ordering]
        if self._selection.mode == Mode.INCREMENTAL:
            cursor, names = names[0], names[1:]
            conditions.append(f"{cursor} IS NOT NULL")
            if "cursor" in state:
                parameters["c"] = state["cursor"]
                conditions.append(f"{cursor} >= :c")
            if "until" in state:
                parameters["u"] = state["until"]
                conditions.append(f"{cursor} < :u")
            if self._is_timed:
                conditions.append(self._ceiling())
        if parameters.keys() >= {"k0"}:
            key = f"({', '.join(names)}) >= ({', '.join(f':k{place}' for place in range(len(names)))})"
            conditions.append(
                f"({self._quote(self._selection.cursor)} > :c OR {key})" if "c" in parameters else key
            )
        return conditions, parameters

    def _ceiling(self) -> str:
        """A clock that was wrong once must not move the cursor where no row comes for years."""
        cursor = self._quote(self._selection.cursor)
        below = f"{cursor} <= {self._dialect.ceiling}"
        return f"(typeof({cursor}) <> 'text' OR {below})" if self._dialect.key == "sqlite" else f"({below})"


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _text(statement: str) -> TextClause:
    return text(statement)
