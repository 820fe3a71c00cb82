"""The behaviour of visits in the order of its keys, to be published anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from profiles.behaviour.publishing import Announcement, conclusions
from profiles.behaviour.storing import FIELDS, Row, stored_visits
from profiles.combining.rebuilding import LOWEST, NOTHING_LEFT, Key, Part
from profiles.combining.version import next_version
from streaming.contracts.profiles import time_text

_KEYS = """
SELECT anchor, id FROM profiles_behaviour_visit
WHERE (anchor, id) > (%s, %s) AND features IS NOT NULL ORDER BY anchor, id LIMIT %s
"""
_LOCK = "SELECT FROM profiles_behaviour_lock WHERE anchor = ANY(%s) ORDER BY anchor FOR UPDATE"
_READ = f"""
SELECT {FIELDS} FROM profiles_behaviour_visit v JOIN unnest(%s::uuid[], %s::uuid[]) AS k(anchor, id) USING (anchor, id)
WHERE v.features IS NOT NULL ORDER BY v.anchor, v.id
"""


def behaviour_behind(
    connection: psycopg.Connection[Any], after: Key | None, limit: int, now: datetime
) -> Part:
    """See PartBehind."""
    cursor = psycopg.Cursor(connection)
    anchor, id_ = after or (LOWEST, LOWEST)
    keys = cursor.execute(_KEYS, (UUID(anchor), UUID(id_), limit)).fetchall()
    if not keys:
        return NOTHING_LEFT
    anchors, ids = [anchor for anchor, _ in keys], [id_ for _, id_ in keys]
    cursor.execute(_LOCK, (sorted(set(anchors)),))
    visits = stored_visits(cursor.execute(_READ, (anchors, ids), binary=True))
    announcement = Announcement(next_version(connection), time_text(now))
    records = [announcement.of(Row(visit, *conclusions(visit))) for visit in visits]
    return Part(len(keys), [str(anchors[-1]), str(ids[-1])], records)
