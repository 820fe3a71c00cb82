"""Since when identifiers and people are known, found anew without the import; and what groups say of themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg

from profiles.builder import binary, person, traits
from profiles.builder.attempt import Restart
from profiles.builder.cause import Cause
from profiles.builder.households import Household
from profiles.builder.rules import RuleBook
from profiles.undoing.facts import renewed
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]

_IDENTIFIERS = """
UPDATE profiles_identifier i SET first_seen = x.at FROM (
    SELECT k.id, min(s.at) AS at FROM unnest(%(items)s) k(id) CROSS JOIN LATERAL (
        SELECT a.first_seen AS at FROM profiles_anchor a WHERE a.user_id = k.id
            AND EXISTS (SELECT FROM profiles_daily_counter c WHERE c.anchor_id = a.id)
        UNION ALL SELECT a.first_seen FROM profiles_anchor a WHERE a.anonymous_id = k.id
            AND EXISTS (SELECT FROM profiles_daily_counter c WHERE c.anchor_id = a.id)
        UNION ALL SELECT a.first_seen FROM profiles_anchor a WHERE a.home_id = k.id AND a.other_id = k.id
            AND EXISTS (SELECT FROM profiles_daily_counter c WHERE c.anchor_id = a.id)
        UNION ALL SELECT e.event_time FROM profiles_evidence e
            WHERE e.a_id = k.id AND e.import_id <> %(import)s AND e.source_id > 0
        UNION ALL SELECT e.event_time FROM profiles_evidence e
            WHERE e.b_id = k.id AND e.import_id <> %(import)s AND e.source_id > 0
    ) s GROUP BY 1
) x WHERE i.id = x.id AND i.first_seen <> x.at
"""
_EMPTY_ANCHORS = """
UPDATE profiles_anchor a SET first_seen = i.first_seen
FROM profiles_identifier i WHERE i.id = ANY(%(items)s) AND a.home_id = i.id AND a.first_seen < i.first_seen
    AND NOT EXISTS (SELECT FROM profiles_daily_counter c WHERE c.anchor_id = a.id)
"""
_PEOPLE = "SELECT DISTINCT profile_id FROM profiles_identifier WHERE id = ANY(%s) AND profile_id IS NOT NULL"
_KNOWN_SINCE = """
SELECT profile_id, min(at) FROM (
    SELECT profile_id, first_seen AS at FROM profiles_identifier WHERE profile_id = ANY(%(rows)s)
    UNION ALL SELECT profile_id, first_seen FROM profiles_anchor WHERE profile_id = ANY(%(rows)s)
) x GROUP BY 1
"""
_GROUPS = """
DELETE FROM profiles_group_trait_version WHERE identifier_id = ANY(%s) AND import_id = %s RETURNING identifier_id
"""
_LOCK_GROUPS = "SELECT identifier_id, version FROM profiles_household WHERE identifier_id = ANY(%s) ORDER BY 1 FOR UPDATE"
_SAID = """
SELECT identifier_id, key, value::text, timestamp, source_id, message_id, purposes
FROM profiles_group_trait_version WHERE identifier_id = ANY(%s)
"""
_KEEP = "UPDATE profiles_household SET traits = %s, provenance = %s, version = %s WHERE identifier_id = %s"


def find_since(
    connection: Connection,
    items: Sequence[int],
    import_id: int,
    *,
    book: RuleBook,
    cause: Cause,
    now: datetime,
) -> list[NewRecord]:
    """Since when these identifiers and the people who have them are known; returns what to publish."""
    rows = sorted(row for (row,) in connection.execute(_PEOPLE, (list(items),)).fetchall())
    people = person.lock(connection, rows, ())
    if sorted(row for (row,) in connection.execute(_PEOPLE, (list(items),)).fetchall()) != rows:
        raise Restart
    asked = {"items": list(items), "import": import_id}
    connection.execute(_IDENTIFIERS, asked)
    connection.execute(_EMPTY_ANCHORS, asked)
    for row, at in connection.execute(_KNOWN_SINCE, {"rows": rows}).fetchall():
        people[row].first_seen = binary.microseconds(at)
    return renewed(connection, people, book, cause, now)


def take_from_groups(connection: Connection, items: Sequence[int], import_id: int) -> None:
    """Take from groups what the import said of them."""
    touched = sorted({row for (row,) in connection.execute(_GROUPS, (list(items), import_id)).fetchall()})
    if not touched:
        return
    groups = {
        row: Household(row, {}, {}, version)
        for row, version in connection.execute(_LOCK_GROUPS, (touched,)).fetchall()
    }
    for row, key, value, time, source, message, purposes in connection.execute(_SAID, (touched,)).fetchall():
        origin = {"at": traits.text(binary.microseconds(time)), "source": source, "message": message}
        said = traits.purposes_of(key, purposes)
        origin = {**origin, "purposes": said} if said else origin
        if row in groups:
            traits.fold(groups[row], key, None if value is None else orjson.loads(value), origin)
    for row, group in groups.items():
        stored = (orjson.dumps(group.traits).decode(), orjson.dumps(group.provenance).decode())
        connection.execute(_KEEP, (*stored, group.version + 1, row))
