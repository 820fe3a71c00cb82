"""Ending visits by the clock of the pipeline: nothing that was accepted can lengthen them any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.sessions.combining import DEFAULT_TIMEOUT
from profiles.sessions.rows import FIELDS, Stored, plain_cursor, stored
from profiles.sessions.telling import told
from streaming.contracts.records import NewRecord

_DUE = "SELECT anchor_id FROM profiles_session WHERE due_at < %s ORDER BY due_at LIMIT %s"
# Who is being changed is left for the next time.
_LOCK = """
SELECT anchor_id FROM profiles_session_lock WHERE anchor_id = ANY(%s) ORDER BY anchor_id FOR UPDATE SKIP LOCKED
"""
_READ = f"""
SELECT {FIELDS} FROM profiles_session s WHERE s.anchor_id = ANY(%s) AND s.due_at < %s ORDER BY s.due_at LIMIT %s
"""
_SET = """
UPDATE profiles_session s SET due_at = m.due_at FROM unnest(%s, %s, %s) AS m(anchor_id, id, due_at)
WHERE s.anchor_id = m.anchor_id AND s.id = m.id
"""


class Closed(NamedTuple):
    """How many visits were looked at, and what is to be published of those that ended."""

    looked_at: int
    records: list[NewRecord]


def close(
    connection: psycopg.Connection[Any],
    upto: datetime,
    timeouts: Mapping[int, timedelta],
    *,
    now: datetime,
    limit: int = 5000,
) -> Closed:
    """End visits whose time-out passed before `upto`, within the open transaction: up to `limit`, the longest due first.

    `upto` is a watermark: every event accepted until then has been applied.
    """
    mark = binary.microseconds(upto)
    found = _due(connection, mark, limit)
    dues = [
        each.visit.last + timeouts.get(each.source, DEFAULT_TIMEOUT) // timedelta(microseconds=1)
        for each in found
    ]
    _set(connection, found, [due if due >= mark else None for due in dues])
    ended = [each._replace(due=None) for each, due in zip(found, dues, strict=True) if due < mark]
    return Closed(len(found), told(connection, ended, now))


def _due(connection: psycopg.Connection[Any], mark: int, limit: int) -> list[Stored]:
    cursor, until = plain_cursor(connection), binary.as_time(mark)
    anchors = sorted({anchor for (anchor,) in cursor.execute(_DUE, (until, limit))})
    if not anchors:
        return []
    locked = [anchor for (anchor,) in cursor.execute(_LOCK, (binary.bigints(anchors),))]
    return stored(cursor.execute(_READ, (binary.bigints(locked), until, limit)))


def _set(connection: psycopg.Connection[Any], found: Sequence[Stored], dues: Sequence[int | None]) -> None:
    if found:
        parameters = (
            binary.bigints([each.anchor for each in found]),
            binary.uuids([each.id for each in found]),
            binary.times(dues),
        )
        plain_cursor(connection).execute(_SET, parameters)
