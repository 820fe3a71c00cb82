"""Comparing what was accepted with what became of it, by anti-joins over the ids.

Rule: logged + spooled = applied + dead-lettered + suppressed + pending, duplicates apart; what is left is missing.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from cdp_site.reconciliation.accepted import Accepted
from streaming.runtime import message_seen

BUILDER = "profiles"
MAX_NAMED = 1000

_STAGE = """
CREATE TEMPORARY TABLE accepted (
    topic text NOT NULL, partition integer, "offset" bigint, minute timestamptz NOT NULL, source_id integer,
    client_time bigint, hash uuid, message_id text, suppressed boolean NOT NULL
) ON COMMIT DROP
"""
_COPY = "COPY accepted FROM STDIN (FORMAT binary)"
_TYPES = ("text", "int4", "int8", "timestamptz", "int4", "int8", "uuid", "text", "bool")

# A record that cannot be read is a message of its own: it is known by its place.
_MESSAGES = """
CREATE TEMPORARY TABLE message ON COMMIT DROP AS
WITH record AS (
    SELECT a.*, a."offset" IS NULL OR a."offset" >= coalesce(p.next_offset, 0) AS pending,
        EXISTS (SELECT FROM dead_letter d WHERE d.consumer = %(consumer)s AND d.topic = a.topic
            AND d.partition = a.partition AND d."offset" = a."offset") AS dead
    FROM accepted a LEFT JOIN consumer_position p
        ON p.consumer = %(consumer)s AND p.topic = a.topic AND p.partition = a.partition
)
SELECT min(minute) AS minute, source_id, client_time, hash, message_id, count(*) AS copies,
    bool_or(pending) AS pending, bool_or(dead) AS dead, bool_or(suppressed) AS suppressed,
    min(topic || coalesce('/' || partition || '/' || "offset", ' (spooled)')) AS place
FROM record
GROUP BY source_id, client_time, hash, message_id,
    CASE WHEN hash IS NULL THEN topic END, CASE WHEN hash IS NULL THEN partition END,
    CASE WHEN hash IS NULL THEN "offset" END
"""
_JUDGE = """
CREATE TEMPORARY TABLE verdict ON COMMIT DROP AS
WITH seen AS ({seen}),
stored AS (
    SELECT DISTINCT source_id, message_id,
        coalesce((extract(epoch FROM client_time) * 1000000)::bigint - 946684800000000, -9223372036854775808) AS client_time
    FROM profiles_timeline
)
SELECT minute, source_id, message_id, copies, place, CASE
        WHEN seen.hash IS NOT NULL AND stored.message_id IS NOT NULL THEN 'applied'
        WHEN m.dead THEN 'dead_lettered'
        WHEN stored.message_id IS NOT NULL THEN 'missing'
        WHEN m.suppressed OR noted.hash IS NOT NULL THEN 'suppressed'
        WHEN m.pending AND seen.hash IS NULL THEN 'pending'
        ELSE 'missing' END AS state, CASE
        WHEN seen.hash IS NULL AND stored.message_id IS NULL THEN 'passed over: neither remembered nor in the timeline'
        WHEN seen.hash IS NULL THEN 'in the timeline but not remembered: another delivery would apply it again'
        ELSE 'remembered as applied but not in the timeline' END AS finding
FROM message m
LEFT JOIN seen USING (client_time, source_id, hash)
LEFT JOIN profiles_suppressed_message noted USING (client_time, source_id, hash)
LEFT JOIN stored USING (source_id, message_id, client_time)
"""
_SEEN = "SELECT client_time, source_id, hash FROM {table}"
_COUNTS = """
SELECT minute, coalesce(source_id, 0), state, count(*), sum(copies - 1)::bigint FROM verdict
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_MISSING = """
SELECT minute, coalesce(source_id, 0), coalesce(message_id, ''), place, finding FROM verdict
WHERE state = 'missing' ORDER BY minute, source_id, message_id LIMIT %s
"""


class State(StrEnum):
    """What became of a message."""

    APPLIED = "applied"
    DEAD_LETTERED = "dead_lettered"
    SUPPRESSED = "suppressed"
    PENDING = "pending"
    MISSING = "missing"


class Count(NamedTuple):
    """Distinct messages of a minute and source (0: of records that nobody can read), and copies beyond the first."""

    minute: datetime
    source_id: int
    state: State
    messages: int
    duplicates: int


class Missing(NamedTuple):
    """A message that nothing shows an effect of."""

    minute: datetime
    source_id: int
    message_id: str
    place: str
    finding: str


class Balance(NamedTuple):
    """The counts, and up to MAX_NAMED of the missing messages by name."""

    counts: list[Count]
    missing: list[Missing]

    def total(self, state: State) -> int:
        """The distinct messages in this state."""
        return sum(count.messages for count in self.counts if count.state is state)

    @property
    def is_even(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def compare(connection: psycopg.Connection[Any], accepted: Iterable[list[Accepted]]) -> Balance:
    """Compare, in a transaction that changes nothing. Reading `accepted` comes first: nobody un-applies a message."""
    with connection.transaction():
        connection.execute(_STAGE)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for rows in accepted:
                for row in rows:
                    copy.write_row(row)
        connection.execute(_MESSAGES, {"consumer": BUILDER})
        connection.execute("ANALYZE message")
        seen = [sql.SQL(_SEEN).format(table=table) for table in message_seen.kept_tables(connection)]
        connection.execute(sql.SQL(_JUDGE).format(seen=sql.SQL(" UNION ").join(seen)))
        counts = [
            Count(minute, source, State(state), messages, duplicates)
            for minute, source, state, messages, duplicates in connection.execute(_COUNTS)
        ]
        return Balance(counts, [Missing(*row) for row in connection.execute(_MISSING, [MAX_NAMED])])
