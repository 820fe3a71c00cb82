"""Which values are shared: the pure function's answer, asked of the stored evidence about some of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.enums import EvidenceRule
from profiles.identity.evidence import Edge, Node, OrderKey
from profiles.identity.rules import NamespaceRule, Rules
from profiles.identity.sharing import TELLING, shared_values

_SEEN_WITH = """
SELECT e.id, e.value, e.other, e.rule, e.via_id, i.namespace_id, i.value
FROM (
    SELECT id, a_id AS value, b_id AS other, rule, via_id, state FROM profiles_evidence WHERE a_id = ANY(%(ids)s)
    UNION ALL
    SELECT id, b_id, a_id, rule, via_id, state FROM profiles_evidence WHERE b_id = ANY(%(ids)s)
    OFFSET 0
) e
CROSS JOIN LATERAL (
    SELECT namespace_id, value FROM profiles_identifier WHERE id = e.other OFFSET 0
) i
WHERE e.state <> 'withdrawn' AND e.rule = ANY(%(telling)s) AND i.namespace_id = ANY(%(unique)s)
"""
# The same, of each value no more than so much.
_SEEN_WITH_SOME = """
SELECT e.id, k.id, e.other, e.rule, e.via_id, e.namespace_id, e.value
FROM unnest(%(ids)s) k(id) CROSS JOIN LATERAL (
    SELECT e.id, e.other, e.rule, e.via_id, i.namespace_id, i.value FROM (
        SELECT id, b_id AS other, rule, via_id, state FROM profiles_evidence WHERE a_id = k.id
        UNION ALL
        SELECT id, a_id, rule, via_id, state FROM profiles_evidence WHERE b_id = k.id
    ) e CROSS JOIN LATERAL (
        SELECT namespace_id, value FROM profiles_identifier WHERE id = e.other OFFSET 0
    ) i
    WHERE e.state <> 'withdrawn' AND e.rule = ANY(%(telling)s) AND i.namespace_id = ANY(%(unique)s)
    LIMIT %(most)s
) e
"""
# Those that members of the staff said are one with these, directly or by way of others.
_UNITED = """
WITH RECURSIVE united (id) AS (
    SELECT unnest(%(ids)s)
    UNION
    SELECT e.other FROM united u CROSS JOIN LATERAL (
        SELECT b_id AS other FROM profiles_evidence WHERE a_id = u.id AND rule = 'merge' AND state <> 'withdrawn'
        UNION ALL
        SELECT a_id FROM profiles_evidence WHERE b_id = u.id AND rule = 'merge' AND state <> 'withdrawn'
    ) e
)
"""
_DECISIONS = f"""{_UNITED}
SELECT e.id, e.a_id, e.b_id, e.rule, a.namespace_id, a.value, b.namespace_id, b.value
FROM united u
JOIN profiles_evidence e ON e.a_id = u.id AND e.rule IN ('merge', 'keep_apart') AND e.state <> 'withdrawn'
JOIN profiles_identifier a ON a.id = e.a_id
JOIN profiles_identifier b ON b.id = e.b_id
"""
_BESIDE = f"""{_UNITED}
SELECT i.id, i.namespace_id, i.value FROM profiles_identifier i
WHERE i.shared AND i.id = ANY(ARRAY(
    SELECT id FROM united
    UNION
    SELECT e.b_id FROM united u CROSS JOIN LATERAL (SELECT b_id FROM profiles_evidence WHERE a_id = u.id OFFSET 0) e
    UNION
    SELECT e.a_id FROM united u CROSS JOIN LATERAL (SELECT a_id FROM profiles_evidence WHERE b_id = u.id OFFSET 0) e
))
"""
_SOME = 100  # links of a value that is shared by tens of thousands: as a rule they show it
_WHENEVER = OrderKey(datetime.min.replace(tzinfo=UTC), 0, "")  # sharing knows no order


class Value(NamedTuple):
    """An identifier of which it is asked whether it is shared."""

    id: int
    namespace: int
    value: str


def shared_beside(connection: psycopg.Connection[Any], identifiers: Collection[int]) -> list[Value]:
    """The values stored as shared at and beside these identifiers (by id), and those that are one with them."""
    parameters = {"ids": binary.bigints(sorted(identifiers))}
    return [Value._make(row) for row in connection.execute(_BESIDE, parameters, binary=True)]


def still_shared(connection: psycopg.Connection[Any], values: Collection[Value], rules: Rules) -> set[int]:
    """`shared_among` for values that were shared: what some of the evidence shows, all of it shows too."""
    found = shared_among(connection, values, rules, most=_SOME)
    return found | shared_among(connection, [each for each in values if each.id not in found], rules)


def shared_among(
    connection: psycopg.Connection[Any], values: Iterable[Value], rules: Rules, *, most: int | None = None
) -> set[int]:
    """Which of these the stored evidence and the decisions show to be shared.

    With `most`, which of them so many links of each show to be so; others may be too.
    """
    asked = {each.id: each for each in values if _may_be(rules.by_id[each.namespace])}
    if not asked:
        return set()
    nodes = {each.id: _node(*each, rules) for each in asked.values()}
    edges = _seen_with(connection, asked.keys(), nodes, rules, most)
    if several := _of_several(edges):
        edges += _decisions(connection, several, nodes, rules)
    return shared_values(nodes, edges, rules) & asked.keys()


def _may_be(rule: NamespaceRule) -> bool:
    return rule.shareable or bool(rule.shared_patterns)


def _seen_with(
    connection: psycopg.Connection[Any],
    ids: Collection[int],
    nodes: dict[int, Node],
    rules: Rules,
    most: int | None,
) -> list[Edge]:
    """What events show these together with, of unique namespaces; the other ends become nodes."""
    parameters = {
        "ids": binary.bigints(sorted(ids)),
        "unique": binary.smallints(sorted(rule.id for rule in rules.namespaces if rule.unique)),
        "telling": binary.texts(sorted(TELLING)),
        "most": most,
    }
    query = _SEEN_WITH if most is None else _SEEN_WITH_SOME
    edges = []
    for row, value, other, rule, via, namespace, text in connection.execute(query, parameters, binary=True):
        nodes.setdefault(other, _node(other, namespace, text, rules))
        edges.append(Edge(row, value, other, EvidenceRule(rule), _WHENEVER, via=via))
    return edges


def _of_several(edges: Iterable[Edge]) -> set[int]:
    """The other ends of those that have more than one."""
    others: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        others[edge.a].add(edge.b)
    return {end for ends in others.values() if len(ends) > 1 for end in ends}


def _decisions(
    connection: psycopg.Connection[Any], ids: Collection[int], nodes: dict[int, Node], rules: Rules
) -> list[Edge]:
    """What the staff said of these, and of those that are one with them by it."""
    edges = []
    parameters = {"ids": binary.bigints(sorted(ids))}
    found = connection.execute(_DECISIONS, parameters, binary=True)
    for row, a, b, rule, namespace_a, value_a, namespace_b, value_b in found:
        nodes.setdefault(a, _node(a, namespace_a, value_a, rules))
        nodes.setdefault(b, _node(b, namespace_b, value_b, rules))
        edges.append(Edge(row, a, b, EvidenceRule(rule), _WHENEVER))
    return edges


def _node(row: int, namespace: int, value: str, rules: Rules) -> Node:
    return Node(row, namespace, value, blocked=rules.by_id[namespace].blocks(value))
