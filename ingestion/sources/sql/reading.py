"""The rows of a table after a state, streamed by a cursor of the server, and the state after each batch."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection

from ingestion.sources.contract import Batch, Mode, RefusedRow, Row, Selection, State
from ingestion.sources.sql.statements import Statements
from ingestion.sources.sql.values import converters

MOST_TOLD = 1000
_USUAL = 2  # a cursor and a key of one column
_UNTOLD = "the value of {} is empty, so that the row cannot be told from others"
_TWICE = "another row has the same {}: choose columns as the key that are different in each row"


class Reading:
    """One reading of a table."""

    def __init__(self, connection: Connection, statements: Statements, selection: Selection) -> None:
        self._connection, self._statements, self._selection = connection, statements, selection
        self._names = selection.names
        self._is_full = selection.mode == Mode.FULL
        self._keys = [name for name in selection.key if self._is_full or name != selection.cursor]
        self._ordering = list(self._keys) if self._is_full else [selection.cursor, *self._keys]
        self._converters = converters(selection.columns)

    def batches(self, state: State, rows: int) -> Iterator[Batch]:
        """The rows after the state, then what the report should say of those that no cursor finds."""
        statement, parameters = self._statements.rows(state)
        fixed = {"until": state["until"]} if "until" in state else {}
        place, state = _place_of(state), dict(state)
        streaming = self._connection.execution_options(stream_results=True, max_row_buffer=rows)
        with streaming.execute(statement, parameters) as result:
            for part in result.partitions(rows):
                batch = Batch(state)
                place = self._fill(batch, part, place)
                if place is not None:
                    batch.state = state = {**self._state(place), **fixed}
                if batch.rows or batch.refused:
                    yield batch
        self._connection.execution_options(stream_results=False)
        yield from self._epilogue(state)

    def _fill(
        self, batch: Batch, part: Sequence[Sequence[Any]], place: tuple[Any, ...] | None
    ) -> tuple[Any, ...] | None:
        """Add the rows of a part to the batch; the place (values of the ordering) of the last one that has one."""
        of = _getter([self._names.index(name) for name in self._ordering])
        names, prepared, first = self._names, self._converters, place
        for row in part:
            here = of(row)
            if here == place and place is not None:
                if place is not first:  # else it is the last row of the state, which is in
                    batch.refused.append(RefusedRow(_TWICE.format(self._words()), self._record(row)))
                continue
            if None in here:
                batch.refused.append(RefusedRow(_UNTOLD.format(self._words()), self._record(row)))
                continue
            values = dict(zip(names, row, strict=True))
            for name, convert in prepared:
                if values[name] is not None:
                    values[name] = convert(values[name])
            batch.rows.append(Row(self._identity(here, values), values))
            place = here
        return place

    def _identity(self, place: tuple[Any, ...], values: dict[str, Any]) -> str:
        if not self._is_full:
            return f"{place[0]}|{place[1]}" if len(place) == _USUAL else "|".join(map(str, place))
        content = blake2b(orjson.dumps(values, default=str), digest_size=8).hexdigest()
        return "|".join([*map(str, place), content])

    def _state(self, place: tuple[Any, ...]) -> State:
        return {"key": list(place)} if self._is_full else {"cursor": place[0], "key": list(place[1:])}

    def _record(self, row: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self._names, row, strict=True))

    def _words(self) -> str:
        return " and ".join(self._ordering)

    def _epilogue(self, state: State) -> Iterator[Batch]:
        selection = self._selection
        if self._is_full or "until" in state:
            return
        batch = Batch(state, is_last=True)
        if selection.column(selection.cursor).is_nullable:
            self._tell_of_empty_cursors(batch)
        if (statement := self._statements.ahead(MOST_TOLD + 1)) is not None:
            ahead: int = self._connection.execute(statement).scalar_one()
            if ahead:
                count = f"more than {MOST_TOLD:,}" if ahead > MOST_TOLD else f"{ahead:,}"
                batch.notes.append(
                    f"{selection.cursor} is more than a day in the future, or no time, in {count} of the rows: they are read once that time has come"
                )
        if batch.refused or batch.notes:
            yield batch

    def _tell_of_empty_cursors(self, batch: Batch) -> None:
        found = self._connection.execute(self._statements.without_cursor(MOST_TOLD + 1)).all()
        reason = f"{self._selection.cursor} is empty, so that the row has no place among those that are new"
        batch.refused += [RefusedRow(reason, self._record(row)) for row in found[:MOST_TOLD]]
        if len(found) > MOST_TOLD:
            batch.notes.append(
                f"more than {MOST_TOLD:,} rows have no {self._selection.cursor}; the first of them are in the file of errors"
            )


def _place_of(state: State) -> tuple[Any, ...] | None:
    """Where the state's last row stands; None when it names no row."""
    if "key" not in state:
        return None
    return (*([state["cursor"]] if "cursor" in state else []), *state["key"])


def _getter(places: list[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    [only] = places
    return lambda row: (row[only],)
