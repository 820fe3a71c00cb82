"""Visits that are stored, told as they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.combining.version import next_version
from profiles.sessions.publishing import Announcement
from profiles.sessions.rows import Stored, plain_cursor
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord

_BIRTHS = "SELECT id, birth_id::text FROM profiles_anchor WHERE id = ANY(%s)"


def told(connection: psycopg.Connection[Any], visits: Sequence[Stored], now: datetime) -> list[NewRecord]:
    """Their records in one new version, without those of anchors that are no more. Lock the anchors before."""
    if not visits:
        return []
    anchors = binary.bigints(sorted({each.anchor for each in visits}))
    births = dict(plain_cursor(connection).execute(_BIRTHS, (anchors,)).fetchall())
    announcement = Announcement(next_version(connection), time_text(now))
    return [
        announcement.of(births[each.anchor], each.source, each.id, each.visit, is_ended=each.due is None)
        for each in visits
        if each.anchor in births
    ]
