"""Identifiers that already have as many values of a namespace beside them as a rule allows one person."""

from collections.abc import Collection
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary

# Some accepted links are enough, so that a hub of thousands costs no more than its limit. Several sources may say
# the same of two identifiers: who finds too few decides the cluster anew.
_ROWS_PER_VALUE = 4
_COUNT = """
SELECT k.hub, k.namespace_id
FROM unnest(%s, %s, %s, %s) AS k(hub, namespace_id, most, before)
WHERE k.most <= (
    SELECT count(DISTINCT n.other) FROM (
        SELECT e.other FROM (
            SELECT b_id AS other FROM profiles_evidence
            WHERE a_id = k.hub AND state = 'accepted' AND event_time < k.before
                AND rule IN ('event', 'verified', 'alias', 'implied')
            UNION ALL
            SELECT a_id FROM profiles_evidence
            WHERE b_id = k.hub AND state = 'accepted' AND event_time < k.before
                AND rule IN ('event', 'verified', 'alias', 'implied')
        ) e
        JOIN profiles_identifier i ON i.id = e.other
        WHERE i.namespace_id = k.namespace_id
        LIMIT k.most * %s
    ) n
)
"""


class Ask(NamedTuple):
    """Whether this identifier had `most` values of a namespace beside it before a moment (microseconds)."""

    hub: int
    namespace: int
    most: int
    before: int


def full(connection: psycopg.Connection[Any], asks: Collection[Ask]) -> set[tuple[int, int]]:
    """Those (hub, namespace) for which it is so."""
    if not asks:
        return set()
    hubs, namespaces, most, before = zip(*sorted(asks), strict=True)
    parameters = (
        binary.bigints(hubs),
        binary.smallints(namespaces),
        binary.integers(most),
        binary.times(before),
        _ROWS_PER_VALUE,
    )
    return set(connection.execute(_COUNT, parameters, binary=True).fetchall())
