"""Writing visits: one statement each for those that are gone, renewed and new."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.sessions.visit import SILENT, Visit

Connection = psycopg.Connection[Any]

_COLUMNS = """anchor_id, id, source_id, first_at, first_mark, last_at, last_mark, events, pages, entry_at, entry_page,
    exit_at, exit_page, purposes, key, due_at"""
_ROWS = f"unnest({', '.join(['%s'] * 16)}) AS m({_COLUMNS})"
_PURPOSES = r"string_to_array(nullif(m.purposes, ''), E'\n')"
_PAGES = """m.entry_at, CASE WHEN m.entry_at IS NOT NULL THEN m.entry_page END,
    m.exit_at, CASE WHEN m.exit_at IS NOT NULL THEN m.exit_page END"""
_INSERT = f"""
INSERT INTO profiles_session ({_COLUMNS})
SELECT m.anchor_id, m.id, m.source_id, m.first_at, m.first_mark, m.last_at, m.last_mark, m.events, m.pages, {_PAGES},
    {_PURPOSES}, nullif(m.key, ''), m.due_at
FROM {_ROWS}
"""
_UPDATE = f"""
UPDATE profiles_session s
SET (first_at, first_mark, last_at, last_mark, events, pages, entry_at, entry_page, exit_at, exit_page, purposes,
    due_at) = ROW (m.first_at, m.first_mark, m.last_at, m.last_mark, m.events, m.pages, {_PAGES},
    {_PURPOSES}, m.due_at)
FROM {_ROWS} WHERE s.anchor_id = m.anchor_id AND s.id = m.id
"""
_DELETE = """
DELETE FROM profiles_session s USING unnest(%s, %s) AS k(anchor_id, id)
WHERE s.anchor_id = k.anchor_id AND s.id = k.id
"""


class Row(NamedTuple):
    """A visit as it is to be stored; `due` is when to look whether it has ended, None once it has."""

    anchor: int
    id: bytes
    source: int
    visit: Visit
    due: int | None


def delete(connection: Connection, ids: Sequence[tuple[int, bytes]]) -> None:
    """Delete the visits of these anchors with these ids."""
    if ids:
        anchors, keys = zip(*ids, strict=True)
        connection.execute(_DELETE, (binary.bigints(anchors), binary.uuids(keys)))


def update(connection: Connection, rows: Sequence[Row]) -> None:
    """Renew visits that are stored."""
    if rows:
        connection.execute(_UPDATE, _parameters(rows))


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Store new visits."""
    if rows:
        connection.execute(_INSERT, _parameters(rows))


def _parameters(rows: Sequence[Row]) -> list[binary.BinaryArray]:
    visits = [row.visit for row in rows]
    return [
        binary.bigints([row.anchor for row in rows]),
        binary.uuids([row.id for row in rows]),
        binary.integers([row.source for row in rows]),
        binary.times([visit.first for visit in visits]),
        binary.smallints([visit.first_mark for visit in visits]),
        binary.times([visit.last for visit in visits]),
        binary.smallints([visit.last_mark for visit in visits]),
        binary.integers([visit.events for visit in visits]),
        binary.integers([visit.pages for visit in visits]),
        binary.times([visit.entry[0] if visit.entry else None for visit in visits]),
        binary.texts([visit.entry[1] if visit.entry else "" for visit in visits]),
        binary.times([visit.exit[0] if visit.exit else None for visit in visits]),
        binary.texts([visit.exit[1] if visit.exit else "" for visit in visits]),
        binary.texts([_joined(visit.purposes) for visit in visits]),
        binary.texts([visit.key or "" for visit in visits]),
        binary.times([row.due for row in rows]),
    ]


def _joined(purposes: frozenset[str]) -> str:
    return "" if purposes == SILENT else "\n".join(sorted(purposes))
