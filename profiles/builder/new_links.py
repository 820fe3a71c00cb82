"""The new links of a group that may be decided alone, with all that deciding them takes from the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary, hubs
from profiles.builder.alone import NewLink, Pair, Undecided
from profiles.builder.arrival import Arrival
from profiles.builder.closure import Known, closure
from profiles.builder.hubs import Ask
from profiles.builder.merging import Vertex
from profiles.builder.nodes import Node
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity import evidence as graph
from profiles.identity.evidence import Link, OrderKey, Outcome
from profiles.identity.partition import Order, order_of, undecided
from profiles.identity.rules import Rules

_BETWEEN = """
SELECT e.id, e.a_id, e.b_id, e.rule, e.event_time, e.source_id, e.message_id, e.state, e.refused_by
FROM (SELECT * FROM profiles_evidence WHERE b_id = ANY(%(some)s) OFFSET 0) e
WHERE e.a_id = ANY(%(some)s) AND e.state IN ('accepted', 'refused')
"""
_APART = """
SELECT DISTINCT a.profile_id, b.profile_id
FROM (SELECT id, profile_id FROM profiles_identifier WHERE profile_id = ANY(%(rows)s) OFFSET 0) a
JOIN profiles_evidence e ON e.a_id = a.id AND e.rule = 'keep_apart' AND e.rule IN ('merge', 'keep_apart')
    AND e.state <> 'withdrawn'
JOIN profiles_identifier b ON b.id = e.b_id
WHERE b.profile_id = ANY(%(rows)s)
"""


class Earlier(NamedTuple):
    """The first stored link of a pair."""

    order: OrderKey
    outcome: Outcome


@dataclass(slots=True)
class Fresh:
    """A new link before it is decided; `order` is where it stands.

    `refused_by` is that of a link which was refused already, and stands earlier now; None for all others.
    """

    key: bytes
    link: Link
    order: Order
    a: Node
    b: Node
    time: int
    refused_by: str | None

    @property
    def pair(self) -> Pair:
        """What links that say the same have in common."""
        assert self.a.id is not None
        assert self.b.id is not None
        return frozenset((self.a.id, self.b.id)), self.link.rule.rank


def vertex_of(node: Node) -> Vertex:
    """Where an identifier of the batch stands."""
    return Vertex(None, node.id) if node.is_new else Vertex(node.stored, None)


def fresh_link(
    key: bytes, link: Link, arrival: Arrival, ends: tuple[Node, Node], *, refused_by: str | None, rules: Rules
) -> Fresh:
    """The link with its order."""
    a, b = ends
    pair = {number: _graph_node(number, node) for number, node in enumerate(ends)}
    order = order_of(graph.Edge(0, 0, 1, link.rule, arrival.order), pair, rules)
    return Fresh(key, link, order, a, b, arrival.time, refused_by)


def _graph_node(number: int, node: Node) -> graph.Node:
    return graph.Node(number, node.identifier.namespace, node.identifier.value)


def lasts_of(
    connection: psycopg.Connection[Any], rows: Collection[int], rules: Rules
) -> Mapping[int, Order] | None:
    """The last link in order of each of these people, who are in no cluster; None when they are not by themselves."""
    if not rows:
        return {}
    found = closure(connection, (), rules, known=Known(rows=rows))
    if found.is_cut or found.rows != set(rows) or found.clusters:
        return None
    lasts: dict[int, Order] = {}
    for edge, _ in found.edges.values():
        if undecided(edge, found.nodes, rules) is None:
            order = order_of(edge, found.nodes, rules)
            row = found.stored[edge.a].profile
            assert row is not None
            lasts[row] = max(order, lasts.get(row, order))
    return lasts


def fullness(
    connection: psycopg.Connection[Any], links: Iterable[Fresh], rules: Rules
) -> Mapping[bytes, frozenset[int]]:
    """For links (by key) that stand amidst others: the namespaces of which one end had all values before it."""
    asks: dict[tuple[int, int], Ask] = {}
    wanted: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for each in links:
        if each.order.rank < EvidenceRule.EVENT.rank:
            continue  # the links of events come after it, whatever their time
        for hub, value in ((each.a, each.b), (each.b, each.a)):
            rule = rules.by_id[value.identifier.namespace]
            most = 1 if rule.unique else rule.limit
            if hub.is_new or hub.id is None or most is None or rule.window is not None:
                continue
            known = asks.get((hub.id, rule.id))
            before = min(each.time, known.before) if known else each.time
            asks[hub.id, rule.id] = Ask(hub.id, rule.id, most, before)
            wanted[each.key].append((hub.id, rule.id))
    found = hubs.full(connection, list(asks.values()))
    return {
        key: frozenset(namespace for hub, namespace in some if (hub, namespace) in found)
        for key, some in wanted.items()
    }


def earlier(
    connection: psycopg.Connection[Any], links: Sequence[Fresh], new: Collection[int]
) -> dict[Pair, Earlier]:
    """What became of stored links of the same pairs, apart from the new ones (by the ids of their evidence)."""
    pairs = {each.pair for each in links if not each.a.is_new and not each.b.is_new}
    if not pairs:
        return {}
    found: dict[Pair, Earlier] = {}
    ends = binary.bigints(sorted({end for ends, _ in pairs for end in ends}))
    for row, a, b, rule, *order, state, refused_by in connection.execute(
        _BETWEEN, {"some": ends}, binary=True
    ):
        pair = frozenset((a, b)), EvidenceRule(rule).rank
        if pair in pairs and row not in new:
            each = Earlier(OrderKey(*order), Outcome(EvidenceState(state), refused_by))
            found[pair] = min(each, found.get(pair, each))
    return found


def kept_apart(connection: psycopg.Connection[Any], rows: Collection[int]) -> list[tuple[Vertex, Vertex]]:
    """Which of these people the staff keeps apart."""
    found = connection.execute(_APART, {"rows": binary.bigints(sorted(rows))}, binary=True)
    return [(Vertex(a, None), Vertex(b, None)) for a, b in found]


def new_link(
    each: Fresh,
    evidence: int,
    last: Order | None,
    full: Mapping[bytes, frozenset[int]],
    known: Earlier | None,
) -> NewLink:
    """The link as it is decided; `last` is the last one in order of all people that the group names.

    `known` is the first stored link of its pair. Raises Undecided when the link comes before one that holds.
    """
    expected = each.refused_by
    if known is not None and each.order.key < known.order:
        if known.outcome.state is EvidenceState.ACCEPTED:
            raise Undecided
        expected = known.outcome.refused_by
    return NewLink(
        evidence,
        each.order,
        vertex_of(each.a),
        vertex_of(each.b),
        each.pair,
        last is None or each.order[:3] > last[:3],
        full.get(each.key, frozenset()),
        expected,
    )
