"""Facts of an anchor that are of the new holder of its identifier, from a day on: they go to an anchor of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from compliance.consent import stated_consents
from profiles.builder import sources

Connection = psycopg.Connection[Any]
Span = tuple[datetime, datetime]

COLUMNS = """event_id, timestamp, received_at, client_time, source_id, import_id, message_id, properties::text,
    context::text, traits::text, purposes"""
_EVENTS = f"""
UPDATE profiles_timeline SET anchor_id = %(heir)s
WHERE anchor_id = %(anchor)s AND timestamp >= %(low)s AND timestamp < %(high)s
RETURNING {COLUMNS}
"""
_COUNTERS = """
WITH gone AS (
    DELETE FROM profiles_daily_counter
    WHERE anchor_id = %(anchor)s AND day >= %(first)s AND day < %(end)s RETURNING *
)
INSERT INTO profiles_daily_counter AS c (anchor_id, day, event_id, count, first_at, last_at)
SELECT %(heir)s, day, event_id, count, first_at, last_at FROM gone ORDER BY day, event_id
ON CONFLICT (anchor_id, day, event_id) DO UPDATE SET
    count = c.count + excluded.count,
    first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at)
"""
_TRAITS = """
WITH gone AS (
    DELETE FROM profiles_trait_version WHERE anchor_id = %(anchor)s AND timestamp >= %(since)s RETURNING *
), moved AS (
    INSERT INTO profiles_trait_version AS v
        (anchor_id, key, source_id, import_id, value, timestamp, message_id, purposes)
    SELECT %(heir)s, key, source_id, import_id, value, timestamp, message_id, purposes FROM gone ORDER BY key
    ON CONFLICT (anchor_id, key, source_id, import_id) DO UPDATE SET
        value = excluded.value, timestamp = excluded.timestamp,
        message_id = excluded.message_id, purposes = excluded.purposes
    WHERE (v.timestamp, v.message_id) < (excluded.timestamp, excluded.message_id)
)
SELECT key, source_id, import_id FROM gone
"""
# What was said before, of which only the newest was kept: the events tell, as far as they are kept.
_FORMER_TRAITS = """
INSERT INTO profiles_trait_version (anchor_id, key, source_id, import_id, value, timestamp, message_id, purposes)
SELECT DISTINCT ON (k.key, t.source_id, t.import_id) t.anchor_id, k.key, t.source_id, t.import_id,
    nullif(t.traits -> k.key, 'null'::jsonb), t.timestamp, t.message_id, coalesce(t.purposes, '{}')
FROM unnest(%(keys)s::text[], %(sources)s::int[], %(imports)s::bigint[]) AS k(key, source_id, import_id)
JOIN profiles_timeline t ON t.anchor_id = %(anchor)s AND t.timestamp < %(since)s AND t.traits ? k.key
    AND t.source_id = k.source_id AND t.import_id = k.import_id
JOIN profiles_eventname n ON n.id = t.event_id AND n.type = 'identify'
ORDER BY k.key, t.source_id, t.import_id, t.timestamp DESC, t.message_id DESC
ON CONFLICT DO NOTHING
"""
# What was declared otherwise than by events was said of the person, not under the identifier: it stays.
_CONSENTS = """
WITH gone AS (
    DELETE FROM profiles_consent WHERE anchor_id = %(anchor)s AND timestamp >= %(since)s AND source_id > 0 RETURNING *
), moved AS (
    INSERT INTO profiles_consent AS c (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
    SELECT %(heir)s, purpose, source_id, import_id, granted, timestamp, message_id FROM gone ORDER BY purpose
    ON CONFLICT (anchor_id, purpose, source_id, import_id) DO UPDATE SET
        granted = excluded.granted, timestamp = excluded.timestamp, message_id = excluded.message_id
    WHERE (c.timestamp, c.message_id) < (excluded.timestamp, excluded.message_id)
)
SELECT purpose, source_id, import_id FROM gone
"""
_CONSENT_DAYS = """
WITH gone AS (
    DELETE FROM profiles_consent_day WHERE anchor_id = %(anchor)s AND first_at >= %(since)s RETURNING *
)
INSERT INTO profiles_consent_day AS d (anchor_id, purpose, day, granted, source_id, import_id, text_version,
    first_at, last_at, received_at, message_id, proof)
SELECT %(heir)s, purpose, day, granted, source_id, import_id, text_version, first_at, last_at, received_at, message_id, proof
FROM gone ORDER BY purpose, day
ON CONFLICT (anchor_id, purpose, day, granted, source_id, import_id, text_version) DO UPDATE SET
    first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at)
"""
_SAID_BEFORE = """
SELECT source_id, import_id, timestamp, message_id, context::text::json FROM profiles_timeline
WHERE anchor_id = %(anchor)s AND timestamp < %(since)s AND purposes IS NOT NULL
ORDER BY timestamp DESC, message_id DESC
"""
_FORMER_CONSENTS = """
INSERT INTO profiles_consent (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def move_events(connection: Connection, anchor: int, heir: int, span: Span) -> Sequence[tuple[Any, ...]]:
    """Give the events and counters of these days (from midnight to midnight) to the heir; the events that went."""
    given = {"anchor": anchor, "heir": heir, "low": span[0], "high": span[1]}
    moved = connection.execute(_EVENTS, given).fetchall()
    sources.renew(connection, (anchor, heir))
    connection.execute(_COUNTERS, {**given, "first": span[0].date(), "end": span[1].date()})
    return moved


def move_statements(connection: Connection, anchor: int, heir: int, since: datetime) -> None:
    """Give what was said since then of traits and purposes to the heir; what was said before holds again."""
    given = {"anchor": anchor, "heir": heir, "since": since}
    gone = connection.execute(_TRAITS, given).fetchall()
    if gone:
        keys, sources, imports = map(list, zip(*gone, strict=True))
        connection.execute(_FORMER_TRAITS, {**given, "keys": keys, "sources": sources, "imports": imports})
    connection.execute(_CONSENT_DAYS, given)
    missing = set(connection.execute(_CONSENTS, given).fetchall())
    for source, import_, time, message, context in connection.execute(_SAID_BEFORE, given) if missing else ():
        for purpose, granted in stated_consents({"context": context}).items():
            if (purpose, source, import_) in missing:
                missing.discard((purpose, source, import_))
                connection.execute(
                    _FORMER_CONSENTS, (anchor, purpose, source, import_, granted, time, message)
                )
        if not missing:
            break
