"""Visits in the order of their keys, to be published anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from profiles.builder import binary
from profiles.combining.rebuilding import LOWEST, NOTHING_LEFT, Key, Part
from profiles.sessions.publishing import text_of
from profiles.sessions.rows import named, plain_cursor
from profiles.sessions.telling import told

_KEYS = """
SELECT anchor_id, id FROM profiles_session WHERE (anchor_id, id) > (%s, %s) ORDER BY anchor_id, id LIMIT %s
"""
_LOCK = "SELECT FROM profiles_session_lock WHERE anchor_id = ANY(%s) ORDER BY anchor_id FOR UPDATE"


def visits_behind(connection: psycopg.Connection[Any], after: Key | None, limit: int, now: datetime) -> Part:
    """See PartBehind."""
    anchor, id_ = after or (0, LOWEST)
    keys = plain_cursor(connection).execute(_KEYS, (anchor, UUID(id_), limit)).fetchall()
    if not keys:
        return NOTHING_LEFT
    anchors = sorted({anchor for anchor, _ in keys})
    plain_cursor(connection).execute(_LOCK, (binary.bigints(anchors),))
    records = told(connection, named(connection, keys), now)
    anchor, id_ = keys[-1]
    return Part(len(keys), [anchor, text_of(id_)], records)
