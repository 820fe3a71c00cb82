"""Whom an import touched: found once, in slices of the time in which its events were received."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from profiles.models import Undo

SHORTEST = timedelta(minutes=10)
MOST_SLICES = 20

_ANCHORS = """
INSERT INTO profiles_undo_item (import_id, is_anchor, item)
SELECT DISTINCT %(import)s, true, anchor_id FROM profiles_timeline
WHERE received_at >= %(since)s AND received_at < %(until)s AND import_id = %(import)s
ON CONFLICT DO NOTHING
"""
_IDENTIFIERS = """
INSERT INTO profiles_undo_item (import_id, is_anchor, item)
SELECT %(import)s::bigint, false, id FROM (
    SELECT a_id AS id FROM profiles_evidence WHERE import_id = %(import)s AND import_id > 0
    UNION SELECT b_id FROM profiles_evidence WHERE import_id = %(import)s AND import_id > 0
    UNION SELECT e.id FROM profiles_undo_item k JOIN profiles_anchor a ON a.id = k.item
        CROSS JOIN LATERAL (VALUES (a.anonymous_id), (a.user_id), (a.other_id)) e(id)
        WHERE k.import_id = %(import)s AND k.is_anchor
) named WHERE id IS NOT NULL
ON CONFLICT DO NOTHING
"""
_TOTAL = """
SELECT count(*) FILTER (WHERE is_anchor), count(*) FILTER (WHERE NOT is_anchor) FROM profiles_undo_item WHERE import_id = %s
"""


def plan_step(connection: psycopg.Connection[Any], undo: Undo) -> bool:
    """Look through the next slice of time. True when all of it was."""
    connection.execute("SET LOCAL statement_timeout = 0")
    width = max(SHORTEST, (undo.until - undo.since) / MOST_SLICES)
    since = undo.since + width * undo.cursor
    until: datetime = min(since + width, undo.until)
    connection.execute(_ANCHORS, {"import": undo.import_id, "since": since, "until": until})
    undo.cursor += 1
    if until < undo.until:
        return False
    connection.execute(_IDENTIFIERS, {"import": undo.import_id})
    row = connection.execute(_TOTAL, (undo.import_id,)).fetchone()
    assert row is not None
    undo.total = row[0] + 2 * row[1]
    return True
