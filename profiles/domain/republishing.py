"""Every person published anew, after a new incarnation: what readers hold of lost changes is overruled."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from streaming.contracts.profiles import (
    MOST_ANCHORS,
    WIRE_VERSION,
    ProfileChange,
    Version,
    change_record,
    mappings,
    parts_of,
    time_text,
)
from streaming.domain.publishing import publish

STEP = 1000

# Locked by id as all who lock people do. Who was published in this incarnation is done.
_REPUBLISH = """
WITH due AS (
    SELECT id FROM profiles_profile WHERE incarnation < (SELECT incarnation FROM installation)
    ORDER BY id LIMIT %(step)s FOR NO KEY UPDATE
)
UPDATE profiles_profile p SET incarnation = (SELECT incarnation FROM installation), version = p.version + (
    SELECT greatest(1, (count(*) + %(most)s - 1) / %(most)s) FROM profiles_anchor a WHERE a.profile_id = p.id
)
FROM due WHERE p.id = due.id
RETURNING p.public_id::text, p.traits::text::json, p.lifecycle, p.first_seen, p.last_purchase, p.incarnation, p.version, (
    SELECT json_agg(json_build_array(a.birth_id, a.mapping_version, p.public_id) ORDER BY a.id)
    FROM profiles_anchor a WHERE a.profile_id = p.id
)
"""


def republish_people(now: datetime) -> int:
    """Take one bounded step; how many people it published. Zero: all are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REPUBLISH, {"step": STEP, "most": MOST_ANCHORS})
        rows = cursor.fetchall()
        publish([change_record(each) for row in rows for each in _changes(row, now)], writer="rebuild")
    return len(rows)


def _changes(row: tuple[Any, ...], now: datetime) -> list[ProfileChange]:
    """The change of a person, whose version is that of its last record."""
    public_id, traits, lifecycle, first_seen, last_purchase, incarnation, version, anchors = row
    parts = list(parts_of(mappings(anchors or ())))
    changes: list[ProfileChange] = []
    for number, (part, some) in enumerate(parts, start=version - len(parts) + 1):
        change: ProfileChange = {
            "v": WIRE_VERSION,
            "type": "profile.identified.v1",
            "profile": public_id,
            "version": Version(incarnation, number),
            "at": time_text(now),
            "anchors": some,
        }
        changes.append({**change, **part})
    changes[-1]["value"] = {
        "traits": traits,
        "lifecycle": lifecycle,
        "first_seen": time_text(first_seen),
        "last_purchase": time_text(last_purchase) if last_purchase else None,
    }
    return changes
