"""How often blocked values come, by day: who sends them ought to be told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.identity.evidence import Identifier
from profiles.identity.rules import Rules
from profiles.identity.values import plain

# A row for each session, so that no two builders wait for each other.
_ADD = """
INSERT INTO profiles_blockedhit AS b (day, namespace_id, value, worker, hits)
SELECT (%(now)s AT TIME ZONE 'UTC')::date, namespace_id, value, pg_backend_pid(), hits
FROM unnest(%(namespaces)s, %(values)s, %(hits)s) AS k(namespace_id, value, hits)
ON CONFLICT (day, namespace_id, value, worker) DO UPDATE SET hits = b.hits + excluded.hits
"""


def add(
    connection: psycopg.Connection[Any], arrivals: Sequence[Arrival], rules: Rules, now: datetime
) -> None:
    """Count the blocked values of these events; of each value once for each event."""
    found = _hits(arrivals, rules)
    if found:
        ordered = sorted(found.items())
        parameters = {
            "now": now,
            "namespaces": binary.smallints([identifier.namespace for identifier, _ in ordered]),
            "values": binary.texts([identifier.value for identifier, _ in ordered]),
            "hits": binary.bigints([hits for _, hits in ordered]),
        }
        connection.execute(_ADD, parameters)


def _hits(arrivals: Iterable[Arrival], rules: Rules) -> Counter[Identifier]:
    """How often each blocked value stands in the events."""
    blocks = {rule.id: rule.blocks for rule in rules.namespaces}
    return Counter(
        Identifier(identifier.namespace, plain(identifier.value))
        for arrival in arrivals
        for identifier in arrival.identifiers
        if blocks[identifier.namespace](identifier.value)
    )
