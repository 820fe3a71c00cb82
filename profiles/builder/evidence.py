"""Evidence of a batch: storing it, and reading what there is about some identifiers."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.nodes import Node
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Edge, Identifier, Link, OrderKey, Outcome
from profiles.identity.partition import undecided
from profiles.identity.rules import Rules

_STORE = """
INSERT INTO profiles_evidence AS e
    (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, refused_by, via_id, place)
SELECT key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, '', via_id, place
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS k(key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, via_id, place)
ON CONFLICT (key) DO UPDATE SET
    (event_time, message_id) = (
        SELECT o.t, o.m FROM (VALUES (e.event_time, e.message_id), (excluded.event_time, excluded.message_id)) o(t, m)
        ORDER BY o.t, o.m LIMIT 1
    )
RETURNING key, id
"""
_AROUND = """
SELECT id, a_id, b_id, rule, event_time, source_id, message_id, state, refused_by, via_id
FROM profiles_evidence WHERE a_id = ANY(%(ids)s)
UNION
SELECT id, a_id, b_id, rule, event_time, source_id, message_id, state, refused_by, via_id
FROM profiles_evidence WHERE b_id = ANY(%(ids)s)
"""
_SETTLE = """
UPDATE profiles_evidence e SET state = o.state, refused_by = o.refused_by
FROM unnest(%s, %s, %s) AS o(id, state, refused_by) WHERE e.id = o.id
"""
_SOME_TIME = OrderKey(datetime.min.replace(tzinfo=UTC), 0, "")  # whether a link decides is no matter of time


def store(
    connection: psycopg.Connection[Any],
    links: Mapping[bytes, tuple[Link, Arrival]],
    nodes: Mapping[Identifier, Node],
    rules: Rules,
) -> dict[bytes, int]:
    """Store links with the earliest event behind each, in order of key; returns their ids."""
    if not links:
        return {}
    keys = sorted(links)
    rows = [links[key] for key in keys]
    ends = [(nodes[link.a], nodes[link.b]) for link, _ in rows]
    beside = [nodes[link.via].id if link.via else None for link, _ in rows]
    parameters = (
        binary.byte_strings(keys),
        binary.bigints([a.id for a, _ in ends]),
        binary.bigints([b.id for _, b in ends]),
        binary.texts([link.rule for link, _ in rows]),
        binary.integers([arrival.source_id for _, arrival in rows]),
        binary.bigints([arrival.import_id for _, arrival in rows]),
        binary.times([arrival.time for _, arrival in rows]),
        binary.texts([arrival.order.message_id for _, arrival in rows]),
        binary.texts([first_state(link, nodes, rules) for link, _ in rows]),
        binary.bigints(beside),
        binary.texts([link.place for link, _ in rows]),
    )
    return dict(connection.execute(_STORE, parameters, binary=True).fetchall())


def first_state(link: Link, nodes: Mapping[Identifier, Node], rules: Rules) -> EvidenceState:
    """The state of a link when no limit forbids it."""
    is_plain = link.via is None and link.rule is not EvidenceRule.CONTENT
    if is_plain and nodes[link.a].resolves and nodes[link.b].resolves:
        return EvidenceState.ACCEPTED  # nearly all are such
    ends = (link.a, link.b, *([link.via] if link.via else ()))
    graph = {number: nodes[end].in_graph(number) for number, end in enumerate(ends)}
    outcome = undecided(Edge(0, 0, 1, link.rule, _SOME_TIME, via=2 if link.via else None), graph, rules)
    return outcome.state if outcome else EvidenceState.ACCEPTED


def around(connection: psycopg.Connection[Any], identifiers: Collection[int]) -> list[tuple[Edge, Outcome]]:
    """All evidence that touches these identifiers, with what became of it so far."""
    rows = connection.execute(_AROUND, {"ids": binary.bigints(sorted(identifiers))}, binary=True)
    return [
        (
            Edge(row, a, b, EvidenceRule(rule), OrderKey(time, source, message), state == "withdrawn", via),
            Outcome(EvidenceState(state), refused_by),
        )
        for row, a, b, rule, time, source, message, state, refused_by, via in rows
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
