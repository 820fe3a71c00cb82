"""Taking the facts of an import away from some anchors, and making anew what follows from those that stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from profiles.builder import binary, person, purchases, sources, traits
from profiles.builder.attempt import Restart
from profiles.builder.cause import Cause
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.renewing import Renewal
from profiles.builder.rules import RuleBook
from profiles.enums import CauseKind
from profiles.social.actions import action_of
from profiles.undoing.remaking import Touched
from streaming.contracts.records import NewRecord
from streaming.runtime import message_seen

Connection = psycopg.Connection[Any]

_EVENTS = """
SELECT t.anchor_id, a.birth_id::text, a.home_id IS NOT NULL, t.event_id, n.type, n.name, t.timestamp, t.source_id,
    t.message_id, t.client_time
FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id JOIN profiles_eventname n ON n.id = t.event_id
WHERE t.anchor_id = ANY(%s) AND t.import_id = %s
"""
_FORGET = """
DELETE FROM {week} seen USING unnest(%s, %s, %s::uuid[]) AS k(client_time, source_id, hash)
WHERE seen.client_time = k.client_time AND seen.source_id = k.source_id AND seen.hash = k.hash
"""
_TAKE = """
WITH gone AS (
    DELETE FROM profiles_timeline WHERE anchor_id = ANY(%(anchors)s) AND import_id = %(import)s
    RETURNING anchor_id, (timestamp AT TIME ZONE 'UTC')::date AS day, event_id
), sums AS (SELECT anchor_id, day, event_id, count(*) AS events FROM gone GROUP BY 1, 2, 3)
UPDATE profiles_daily_counter c SET count = c.count - s.events
FROM sums s WHERE c.anchor_id = s.anchor_id AND c.day = s.day AND c.event_id = s.event_id
"""
_DROP_EMPTY = "DELETE FROM profiles_daily_counter WHERE anchor_id = ANY(%(anchors)s) AND count <= 0"
_BOUNDS = """
UPDATE profiles_daily_counter c SET first_at = x.first_at, last_at = x.last_at FROM (
    SELECT k.anchor, k.day, k.event, min(t.timestamp) AS first_at, max(t.timestamp) AS last_at
    FROM unnest(%s, %s, %s) AS k(anchor, day, event) JOIN profiles_timeline t
        ON t.anchor_id = k.anchor AND t.event_id = k.event AND t.timestamp >= k.day::timestamp AT TIME ZONE 'UTC'
        AND t.timestamp < (k.day + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2, 3
) x WHERE c.anchor_id = x.anchor AND c.day = x.day AND c.event_id = x.event
"""
_OTHERS = (
    "DELETE FROM profiles_trait_version WHERE anchor_id = ANY(%(anchors)s) AND import_id = %(import)s",
    "DELETE FROM profiles_consent WHERE anchor_id = ANY(%(anchors)s) AND import_id = %(import)s",
    "DELETE FROM profiles_consent_day WHERE anchor_id = ANY(%(anchors)s) AND import_id = %(import)s",
)
_SINCE = """
UPDATE profiles_anchor a SET first_seen = c.first_at FROM (
    SELECT anchor_id, min(first_at) AS first_at FROM profiles_daily_counter WHERE anchor_id = ANY(%(anchors)s) GROUP BY 1
) c WHERE a.id = c.anchor_id AND a.first_seen <> c.first_at
"""
_HOLDERS = "SELECT id, profile_id FROM profiles_anchor WHERE id = ANY(%s)"
_ALL_ANCHORS = "SELECT id, profile_id FROM profiles_anchor WHERE profile_id = ANY(%s)"
_IDENTIFIED = """
SELECT DISTINCT i.profile_id FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = ANY(%s) AND n.level = 'person'
"""


def read_touched(connection: Connection, anchors: Sequence[int], import_id: int) -> Touched:
    """The events of the import that these anchors have."""
    touched = Touched()
    for row in connection.execute(_EVENTS, (list(anchors), import_id)).fetchall():
        anchor, birth_id, is_somebody, event, kind, name, time, source, message, client = row
        touched.messages.append(message_seen.message_key(source, message, client))
        touched.days.add((anchor, binary.microseconds(time) // binary.MICROSECONDS_PER_DAY, event))
        touched.sources.add(source)
        if is_somebody:
            touched.births[anchor] = birth_id
            if kind == "track" and action_of(name) is not None:
                touched.social.add(anchor)
    return touched


def forget_messages(connection: Connection, touched: Touched) -> None:
    """Let these messages be new when they come again, by another import. To be called first: it takes the first locks."""
    if not touched.messages:
        return
    ordered = sorted({message_seen.columns_of(key) for key in touched.messages})
    times, sources, hashes = zip(*ordered, strict=True)
    for week in message_seen.kept_tables(connection):
        statement = sql.SQL(_FORGET).format(week=week)
        connection.execute(statement, (binary.bigints(times), binary.integers(sources), list(hashes)))


def lock_holders(connection: Connection, anchors: Sequence[int]) -> dict[int, Person]:
    """The people of these anchors, locked. Raises Restart when the anchors moved meanwhile."""
    before = _holders(connection, anchors)
    people = person.lock(connection, set(before.values()), ())
    if _holders(connection, anchors) != before:
        raise Restart
    return people


def _holders(connection: Connection, anchors: Sequence[int]) -> Mapping[int, int]:
    rows = connection.execute(_HOLDERS, (list(anchors),)).fetchall()
    return {anchor: row for anchor, row in rows if row is not None}


def take_facts(connection: Connection, anchors: Sequence[int], import_id: int, touched: Touched) -> None:
    """Delete the events, values and consents that the import gave these anchors, and count anew what stays."""
    asked = {"anchors": list(anchors), "import": import_id}
    for statement in (*_OTHERS, _TAKE, _DROP_EMPTY):
        connection.execute(statement, asked)
    if touched.days:
        owners, days, events = zip(*sorted(touched.days), strict=True)
        connection.execute(_BOUNDS, (binary.bigints(owners), binary.days(days), binary.integers(events)))
        sources.renew(connection, set(owners))
    connection.execute(_SINCE, asked)


def renewed(
    connection: Connection, people: Mapping[int, Person], book: RuleBook, cause: Cause, now: datetime
) -> list[NewRecord]:
    """Have these people, who are locked, be what follows from the facts that are there; returns what to publish."""
    if not people:
        return []
    rows = sorted(people)
    known = {row for (row,) in connection.execute(_IDENTIFIED, (rows,)).fetchall()}
    for row, each in people.items():
        each.restart(each.first_seen)
        each.gained, each.identified = False, row in known
    anchors = connection.execute(_ALL_ANCHORS, (rows,)).fetchall()
    owners = {anchor: people[row] for anchor, row in anchors}
    traits.fold_stored(connection, owners)
    purchases.fold_stored(connection, owners, book.lifecycle)
    renewal = Renewal(connection, Resolution(people=dict(people)), book, cause, now)
    renewal.store()
    return renewal.records


def cause_of(import_id: int, by: str) -> Cause:
    """Why people change when an import is undone."""
    return Cause(CauseKind.IMPORT, by=by, why=f"import {import_id} was undone")
