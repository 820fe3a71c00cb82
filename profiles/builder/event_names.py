"""Interned names of events."""

from collections.abc import Iterable
from typing import Any

import psycopg

Kind = tuple[str, str]  # type and name

_MOST_KEPT = 50_000
_FIND = """
SELECT n.type, n.name, n.id FROM unnest(%s::text[], %s::text[]) AS k(type, name)
JOIN profiles_eventname n ON n.type = k.type AND n.name = k.name
"""
_ADD = """
INSERT INTO profiles_eventname (type, name) SELECT * FROM unnest(%s::text[], %s::text[])
ON CONFLICT (type, name) DO NOTHING RETURNING type, name, id
"""


class EventNames:
    """The ids of event names; keeps those that are committed, since names never go."""

    def __init__(self) -> None:
        self._committed: dict[Kind, int] = {}

    def ids(self, connection: psycopg.Connection[Any], kinds: Iterable[Kind]) -> dict[Kind, int]:
        """The id of each kind; makes those that are new, in order."""
        ids = {kind: self._committed.get(kind) for kind in kinds}
        missing = sorted(kind for kind, known in ids.items() if known is None)
        if missing:
            found = _rows(connection, _FIND, missing)
            self._keep(found)
            ids.update(found)
            if new := [kind for kind in missing if kind not in found]:
                ids.update(_rows(connection, _ADD, new))
                # What another worker was faster with can be seen by the next statement.
                ids.update(_rows(connection, _FIND, [kind for kind in new if ids[kind] is None]))
        return {kind: row for kind, row in ids.items() if row is not None}

    def _keep(self, found: dict[Kind, int]) -> None:
        if len(self._committed) > _MOST_KEPT:
            self._committed.clear()
        self._committed.update(found)


def _rows(connection: psycopg.Connection[Any], query: str, kinds: list[Kind]) -> dict[Kind, int]:
    if not kinds:
        return {}
    types, names = zip(*kinds, strict=True)
    rows = connection.execute(query, (list(types), list(names)))
    return {(type_, name): row for type_, name, row in rows}
