"""The rows of a table after a state, streamed by a cursor of the server, and the state after each batch."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, repeat
from operator import contains, eq, itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection

from ingestion.sources.contract import Batch, Mode, RefusedRow, Selection, State, rows_of
from ingestion.sources.sql.statements import Statements
from ingestion.sources.sql.values import Values, converters

Part = Sequence[Sequence[Any]]
Place = tuple[Any, ...]

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
        self._place = _getter([self._names.index(name) for name in self._ordering])
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

    def _fill(self, batch: Batch, part: Part, place: Place | None) -> Place | None:
        """Add the rows of a part to the batch; the place (values of the ordering) of the last one that has one."""
        places = list(map(self._place, part))
        if not self._are_plain(places, place):
            part, places = self._told_apart(batch, part, places, place)
        if not places:
            return place
        columns: list[Values] = list(zip(*part, strict=True))
        for at, convert in self._converters:
            columns[at] = convert(columns[at])
        names = self._names
        # A row has as many values as columns were asked for.
        records = [dict(zip(names, values, strict=False)) for values in zip(*columns, strict=True)]
        batch.rows += rows_of(self._identities(places, records), records)
        return places[-1]

    @staticmethod
    def _are_plain(places: list[Place], before: Place | None) -> bool:
        """Whether every row has a place that the one before has not: hot, and true of nearly every part."""
        return not (any(map(contains, places, repeat(None))) or any(map(eq, places, chain([before], places))))

    def _told_apart(
        self, batch: Batch, part: Part, places: list[Place], before: Place | None
    ) -> tuple[Part, list[Place]]:
        """The rows that have a place of their own, and their places; the others are refused."""
        rows, kept, first = [], [], before
        for row, here in zip(part, places, strict=True):
            if here == before and before is not None:
                if before is not first:  # else it is the last row of the state, which is in
                    batch.refused.append(RefusedRow(_TWICE.format(self._words()), self._record(row)))
            elif None in here:
                batch.refused.append(RefusedRow(_UNTOLD.format(self._words()), self._record(row)))
            else:
                rows.append(row)
                kept.append(here)
                before = here
        return rows, kept

    def _identities(self, places: list[Place], records: list[dict[str, Any]]) -> Iterable[str]:
        if self._is_full:
            return map(_identity_of_content, places, records)
        if len(self._ordering) == _USUAL:
            return [f"{cursor}|{key}" for cursor, key in places]
        return ["|".join(map(str, place)) for place in places]

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


def _place_of(state: State) -> Place | None:
    """Where the state's last row stands; None when it names no row."""
    if "key" not in state:
        return None
    return (*([state["cursor"]] if "cursor" in state else []), *state["key"])


def _identity_of_content(place: Place, record: dict[str, Any]) -> str:
    content = blake2b(orjson.dumps(record, default=str), digest_size=8).hexdigest()
    return "|".join([*map(str, place), content])


def _getter(places: list[int]) -> Callable[[Sequence[Any]], Place]:
    if len(places) > 1:
        return itemgetter(*places)
    [only] = places
    return lambda row: (row[only],)
