"""What a reconciliation found, kept as rows: set by set, out of the tables of its session."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cdp_site.reconciliation.staging import Connection

MAX_NAMED = 1000
KEPT = 30

_HOURS = """
INSERT INTO cdp_site_reconciliationhour
    (reconciliation_id, hour, source_id, topic, applied, dead_lettered, suppressed, quarantined, pending, missing,
    duplicates)
SELECT %(run)s, date_trunc('hour', received_at, 'UTC'), source_id, topic,
    count(*) FILTER (WHERE state = 'applied'), count(*) FILTER (WHERE state = 'dead_lettered'),
    count(*) FILTER (WHERE state = 'suppressed'), count(*) FILTER (WHERE state = 'quarantined'),
    count(*) FILTER (WHERE state = 'pending'),
    count(*) FILTER (WHERE state = 'missing'), coalesce(sum(copies - 1), 0)
FROM (
    SELECT received_at, coalesce(source_id, 0) AS source_id, topic, state, copies FROM verdict
    UNION ALL SELECT minute, source_id, topic, 'missing', 1 FROM finding WHERE kind = 'not_logged'
) counted GROUP BY 1, 2, 3, 4
"""
_FINDINGS = """
INSERT INTO cdp_site_reconciliationfinding
    (reconciliation_id, kind, minute, source_id, message_id, consumer, topic, partition, "offset", records)
SELECT %(run)s, kind, minute, source_id, message_id, consumer, topic, partition, "offset", records
FROM finding ORDER BY consumer = '', minute, source_id, message_id, kind LIMIT %(most)s
"""
_FOUND = "SELECT count(*) FROM finding"
_MINUTES = """
SELECT date_trunc('minute', received_at, 'UTC'), coalesce(source_id, 0), topic, state, count(*),
    sum(copies - 1)::bigint
FROM verdict GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_OLD = "SELECT id FROM cdp_site_reconciliation ORDER BY id DESC OFFSET %s"
_CLEAR = (
    "DELETE FROM cdp_site_reconciliationhour WHERE reconciliation_id = ANY(%s)",
    "DELETE FROM cdp_site_reconciliationfinding WHERE reconciliation_id = ANY(%s)",
)
_FORGET = "DELETE FROM cdp_site_reconciliation WHERE id = ANY(%s)"


class MinuteCount(NamedTuple):
    """Distinct messages of a minute, source and topic in one state, and copies beyond the first."""

    minute: datetime
    source_id: int
    topic: str
    state: str
    messages: int
    duplicates: int


def keep(connection: Connection, run_id: int) -> int:
    """Keep the counts, and the first findings by name; returns how many findings there are.

    They take the place of what somebody kept who died before the reconciliation was finished.
    """
    with connection.transaction():
        _clear(connection, [run_id])
        connection.execute(_HOURS, {"run": run_id})
        connection.execute(_FINDINGS, {"run": run_id, "most": MAX_NAMED})
    row = connection.execute(_FOUND).fetchone()
    return row[0] if row else 0


def minutes(connection: Connection) -> Iterator[MinuteCount]:
    """The counts by minute, which are not kept."""
    for row in connection.execute(_MINUTES):
        yield MinuteCount(*row)


def forget_old(connection: Connection) -> None:
    """Drop all but the newest reconciliations, also those that never came to an end."""
    with connection.transaction():
        old = [row[0] for row in connection.execute(_OLD, [KEPT]).fetchall()]
        _clear(connection, old)
        connection.execute(_FORGET, [old])


def _clear(connection: Connection, runs: list[int]) -> None:
    for statement in _CLEAR:
        connection.execute(statement, [runs])
