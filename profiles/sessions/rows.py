"""Visits that are stored: who they are of is locked, and those in reach of new events are read, a statement for each."""

import struct
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from profiles.builder import binary
from profiles.sessions.visit import SILENT, Visit

Connection = psycopg.Connection[Any]
Span = tuple[int, int, int, int]  # anchor, source, from and to which time

_ANCHORS = "SELECT birth_id::text, id FROM profiles_anchor WHERE birth_id = ANY(%s) AND home_id IS NOT NULL"
# A conflict locks the row that is there, and writes nothing.
_LOCK = """
INSERT INTO profiles_session_lock (anchor_id) SELECT unnest(%s)
ON CONFLICT (anchor_id) DO UPDATE SET anchor_id = excluded.anchor_id WHERE false
"""
FIELDS = """s.anchor_id, s.source_id, s.id, s.due_at, s.first_at, s.first_mark, s.last_at, s.last_mark, s.events,
    s.pages, s.entry_at, s.entry_page, s.exit_at, s.exit_page, s.purposes, s.key"""
# Visits of an anchor and a source do not overlap, so one that began before the span and reaches into it is the last.
_IN_REACH = f"""
SELECT {FIELDS} FROM unnest(%s, %s, %s, %s) AS k(anchor, source, low, high) CROSS JOIN LATERAL (
    SELECT * FROM profiles_session
    WHERE anchor_id = k.anchor AND source_id = k.source AND key IS NULL AND first_at <= k.high
        AND first_at >= coalesce((
            SELECT max(first_at) FROM profiles_session
            WHERE anchor_id = k.anchor AND source_id = k.source AND key IS NULL AND first_at < k.low
        ), k.low)
) s
"""
_NAMED = f"""
SELECT {FIELDS} FROM unnest(%s, %s) AS k(anchor, id)
JOIN profiles_session s ON s.anchor_id = k.anchor AND s.id = k.id
"""
_INTEGER = struct.Struct(">q")


class Stored(NamedTuple):
    """A visit and its row. `was` are the fields of the row from `first_at` on, as they were read."""

    anchor: int
    source: int
    id: bytes
    due: int | None
    visit: Visit
    was: tuple[Any, ...]

    def before(self) -> Visit:
        """The visit as it was read."""
        return _visit(self.was)


class _Microseconds(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> int:
        return int(_INTEGER.unpack(data)[0])


class _Bytes(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def plain_cursor(connection: Connection) -> psycopg.Cursor[Any]:
    """A cursor that gives times as microseconds since 2000, and ids as bytes: nothing is to be made of them."""
    cursor = psycopg.Cursor(
        connection
    )  # whatever kind the connection makes: only this one reads the binary form
    cursor.format = Format.BINARY
    cursor.adapters.register_loader("timestamptz", _Microseconds)
    cursor.adapters.register_loader("uuid", _Bytes)
    return cursor


def lock_anchors(connection: Connection, births: Collection[str]) -> dict[str, int]:
    """The anchors of these birth ids that can have visits, locked for the transaction.

    Who stands for nobody, for want of any usable identifier, has no visits; neither has who was erased.
    """
    asked = binary.uuids([binary.uuid_bytes(birth) for birth in births])
    found = dict(connection.execute(_ANCHORS, (asked,), binary=True).fetchall())
    if found:
        connection.execute(_LOCK, (binary.bigints(sorted(found.values())),))
    return found


def in_reach(connection: Connection, spans: Sequence[Span]) -> list[Stored]:
    """The visits without an id of an SDK that lie in these spans or begin in them, and the last before each."""
    if not spans:
        return []
    anchors, sources, low, high = zip(*spans, strict=True)
    parameters = (
        binary.bigints(anchors), binary.integers(sources), binary.times(low), binary.times(high),
    )  # fmt: skip
    return stored(plain_cursor(connection).execute(_IN_REACH, parameters))


def named(connection: Connection, ids: Sequence[tuple[int, bytes]]) -> list[Stored]:
    """The visits of these anchors with these ids."""
    if not ids:
        return []
    anchors, keys = zip(*ids, strict=True)
    return stored(plain_cursor(connection).execute(_NAMED, (binary.bigints(anchors), binary.uuids(keys))))


def stored(rows: Iterable[tuple[Any, ...]]) -> list[Stored]:
    """Visits from rows of FIELDS that a plain cursor read."""
    return [Stored(row[0], row[1], row[2], row[3], _visit(row[4:]), row[4:]) for row in rows]


def _visit(fields: tuple[Any, ...]) -> Visit:
    visit = Visit.__new__(Visit)
    (
        visit.first, visit.first_mark, visit.last, visit.last_mark, visit.events, visit.pages,
        entry_at, entry_page, exit_at, exit_page, purposes, visit.key,
    ) = fields  # fmt: skip
    visit.entry = None if entry_at is None else (entry_at, entry_page)
    visit.exit = None if exit_at is None else (exit_at, exit_page)
    visit.purposes = SILENT if purposes is None else frozenset(purposes)
    visit.is_touched = False
    return visit
