"""Evidence of a batch: storing it, and reading what there is about some identifiers."""

from collections.abc import Collection, Mapping
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.nodes import Node
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Edge, Identifier, Link, OrderKey, Outcome

_STORE = """
INSERT INTO profiles_evidence AS e
    (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, refused_by, decided_by)
SELECT key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, '', ''
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS k(key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state)
ON CONFLICT (key) DO UPDATE SET
    (event_time, message_id) = (
        SELECT o.t, o.m FROM (VALUES (e.event_time, e.message_id), (excluded.event_time, excluded.message_id)) o(t, m)
        ORDER BY o.t, o.m LIMIT 1
    )
RETURNING key, id
"""
_AROUND = """
SELECT id, a_id, b_id, rule, event_time, source_id, message_id, state, refused_by
FROM profiles_evidence WHERE a_id = ANY(%(ids)s)
UNION
SELECT id, a_id, b_id, rule, event_time, source_id, message_id, state, refused_by
FROM profiles_evidence WHERE b_id = ANY(%(ids)s)
"""
_SETTLE = """
UPDATE profiles_evidence e SET state = o.state, refused_by = o.refused_by
FROM unnest(%s, %s, %s) AS o(id, state, refused_by) WHERE e.id = o.id
"""
_SEEN_WITH = """
SELECT e.value, i.namespace_id, i.id, i.value
FROM (
    SELECT a_id AS value, b_id AS other, rule, state FROM profiles_evidence WHERE a_id = ANY(%(ids)s)
    UNION ALL
    SELECT b_id, a_id, rule, state FROM profiles_evidence WHERE b_id = ANY(%(ids)s)
    OFFSET 0
) e
CROSS JOIN LATERAL (
    SELECT id, namespace_id, value FROM profiles_identifier WHERE id = e.other OFFSET 0
) i
WHERE e.state <> 'withdrawn' AND e.rule IN ('event', 'alias') AND i.namespace_id = ANY(%(unique)s)
"""


def store(
    connection: psycopg.Connection[Any],
    links: Mapping[bytes, tuple[Link, Arrival]],
    nodes: Mapping[Identifier, Node],
) -> dict[bytes, int]:
    """Store links with the earliest event behind each, in order of key; returns their ids."""
    if not links:
        return {}
    keys = sorted(links)
    rows = [links[key] for key in keys]
    ends = [(nodes[link.a], nodes[link.b]) for link, _ in rows]
    parameters = (
        binary.byte_strings(keys),
        binary.bigints([a.id for a, _ in ends]),
        binary.bigints([b.id for _, b in ends]),
        binary.texts([link.rule for link, _ in rows]),
        binary.integers([arrival.source_id for _, arrival in rows]),
        binary.bigints([arrival.import_id for _, arrival in rows]),
        binary.times([arrival.time for _, arrival in rows]),
        binary.texts([arrival.order.message_id for _, arrival in rows]),
        binary.texts([first_state(a, b) for a, b in ends]),
    )
    return dict(connection.execute(_STORE, parameters, binary=True).fetchall())


def first_state(a: Node, b: Node) -> EvidenceState:
    """The state of an edge when no limit forbids it."""
    if any(node.blocked or (node.fit and not node.shared and not node.resolves) for node in (a, b)):
        return EvidenceState.IGNORED
    return EvidenceState.ACCEPTED if a.resolves and b.resolves else EvidenceState.ATTACHED


def around(connection: psycopg.Connection[Any], identifiers: Collection[int]) -> list[tuple[Edge, Outcome]]:
    """All evidence that touches these identifiers, with what became of it so far."""
    rows = connection.execute(_AROUND, {"ids": binary.bigints(sorted(identifiers))}, binary=True)
    return [
        (
            Edge(row, a, b, EvidenceRule(rule), OrderKey(time, source, message), state == "withdrawn"),
            Outcome(EvidenceState(state), refused_by),
        )
        for row, a, b, rule, time, source, message, state, refused_by in rows
    ]


def settle(connection: psycopg.Connection[Any], outcomes: Mapping[int, Outcome]) -> None:
    """Store what became of evidence (by id)."""
    if outcomes:
        ids = sorted(outcomes)
        parameters = (
            binary.bigints(ids),
            binary.texts([outcomes[row].state for row in ids]),
            binary.texts([outcomes[row].refused_by for row in ids]),
        )
        connection.execute(_SETTLE, parameters)


def seen_with(
    connection: psycopg.Connection[Any], identifiers: Collection[int], unique: Collection[int]
) -> list[tuple[int, int, int, str]]:
    """Values of unique namespaces that stored events show together with these identifiers.

    Rows of (identifier, namespace of the other, its id, its value).
    """
    if not identifiers:
        return []
    parameters = {
        "ids": binary.bigints(sorted(identifiers)),
        "unique": binary.smallints(sorted(unique)),
    }
    return connection.execute(_SEEN_WITH, parameters, binary=True).fetchall()
