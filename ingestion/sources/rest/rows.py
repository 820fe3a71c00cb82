"""Records of a page as rows: told apart, placed by their cursor, and compared with what was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.identity import content_id
from ingestion.sources.contract import DataType, Mode, RefusedRow, Row, Selection, State
from ingestion.sources.rest.cursors import is_ahead, rank

MAX_SEEN = 500  # rows with the highest cursor that are remembered
MAX_KNOWN = 50_000  # rows of one reading that are remembered
_EMPTY = "the value of {} is empty, so that the record cannot be told from others"
_TWICE = "another record has the same {}: choose columns as the key that are different in each record"
_UNPLACED = "{} is empty, so that the record has no place among those that are new"
_ORDERED_BY = {DataType.TEXT: "text", DataType.INTEGER: "number", DataType.NUMBER: "number"}
_NO_CURSOR = "{} is no {}, so that the record has no place among those that are new"


@dataclass(slots=True)
class Taken:
    """What a page came to. `older` and `ahead` were passed over: before what was asked for, and in the future."""

    rows: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    older: int = 0
    ahead: int = 0
    is_new: bool = False


class Rows:
    """The rows of one reading, from one state on, and the highest cursor among them."""

    def __init__(self, selection: Selection, state: State) -> None:
        self._selection, self._is_full = selection, selection.mode == Mode.FULL
        self._names, self._known = selection.names, dict[str, str]()
        self._keys = [name for name in selection.key if self._is_full or name != selection.cursor]
        self._kind = DataType.OTHER if self._is_full else selection.column(selection.cursor).type
        self._from, self._until = self._ranked(state.get("cursor")), self._ranked(state.get("until"))
        self._before = set(state.get("seen", ()))
        self._high = state.get("high", state.get("cursor"))
        self._seen: list[str] = list(state.get("high_seen") or state.get("seen") or ())
        self._high_rank = self._ranked(self._high)

    def take(self, records: Sequence[Any], now: datetime) -> Taken:
        """The rows of a page."""
        taken = Taken()
        for record in records:
            if isinstance(record, dict):
                self._take(record, taken, now)
            else:
                taken.is_new = True
                reason = f"the record is no object but {_word(record)}: check where the records are"
                taken.refused.append(RefusedRow(reason, {"record": record}))
        return taken

    @property
    def reached(self) -> State:
        """The highest cursor of all rows so far, and which rows have it."""
        return {} if self._high is None else {"cursor": self._high, "seen": self._seen}

    def _take(self, record: Mapping[str, Any], taken: Taken, now: datetime) -> None:
        values = {name: record[name] for name in self._names if name in record}
        place = [values.get(name) for name in self._keys]
        reason = _EMPTY.format(" and ".join(self._selection.key)) if None in place else ""
        cursor, order = None, None
        if not self._is_full and not reason:
            cursor = values.get(self._selection.cursor)
            order, reason = self._placed(cursor)
        if reason:
            taken.is_new = True
            taken.refused.append(RefusedRow(reason, values))
        elif self._is_wanted(order, cursor, taken, now):
            self._add(
                values,
                [_text(each) for each in ([] if self._is_full else [cursor]) + place],
                taken,
                (order, cursor),
            )

    def _placed(self, cursor: Any) -> tuple[Any, str]:
        name = self._selection.cursor
        if cursor is None or cursor == "":
            return None, _UNPLACED.format(name)
        try:
            return rank(self._kind, cursor), ""
        except (ValueError, TypeError):
            return None, _NO_CURSOR.format(name, _ORDERED_BY.get(self._kind, "time"))

    def _is_wanted(self, order: Any, cursor: Any, taken: Taken, now: datetime) -> bool:
        if self._is_full:
            return True
        # What a text's order is to the API is not known, so that none is taken for older.
        if self._from is not None and order < self._from and self._kind is not DataType.TEXT:
            taken.older += 1
            return False
        if self._until is not None and order >= self._until:
            taken.is_new = True
            return False
        if is_ahead(self._kind, cursor, now):
            taken.ahead += 1
            return False
        return True

    def _add(self, values: dict[str, Any], place: list[str], taken: Taken, at: tuple[Any, Any]) -> None:
        try:
            content = content_id(values)
        except PartFailed as too_large:
            taken.refused.append(RefusedRow(f"the record {too_large}", {}))
            return
        told_apart = "|".join(place)
        digest = blake2b(told_apart.encode("utf-8", "replace"), digest_size=8).hexdigest()
        known = self._known.get(digest)
        if known is None and len(self._known) < MAX_KNOWN:
            self._known[digest] = content
        if known is not None and known != content:
            taken.is_new = True
            names = " and ".join(
                dict.fromkeys([*self._selection.key, *filter(None, [self._selection.cursor])])
            )
            taken.refused.append(RefusedRow(_TWICE.format(names), values))
        if known is not None:
            return
        taken.is_new = True
        if not self._is_full:
            self._rise(at, digest)
        if digest not in self._before:
            taken.rows.append(Row(f"{told_apart}|{content[:16]}" if self._is_full else told_apart, values))

    def _rise(self, at: tuple[Any, Any], digest: str) -> None:
        order, cursor = at
        if self._high_rank is None or order > self._high_rank:
            self._high, self._high_rank, self._seen = cursor, order, [digest]
        elif order == self._high_rank and digest not in self._seen and len(self._seen) < MAX_SEEN:
            self._seen.append(digest)

    def _ranked(self, cursor: Any) -> Any:
        try:
            return None if cursor is None or self._is_full else rank(self._kind, cursor)
        except (ValueError, TypeError):
            return None


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else content_id(value)
        if isinstance(value, dict | list)
        else str(value)
    )


def _word(value: Any) -> str:
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "empty" if value is None else "a single value"
