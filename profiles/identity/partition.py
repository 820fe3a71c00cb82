"""The function from evidence and rules to people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from profiles.enums import ContentUse, EvidenceRule, EvidenceState
from profiles.identity.components import Components
from profiles.identity.evidence import Edge, Node, OrderKey, Outcome
from profiles.identity.rules import Rules


@dataclass(frozen=True, slots=True)
class Partition:
    """People as sets of node ids, and what became of every edge. Nodes that join nobody are in no set."""

    people: list[frozenset[int]]
    outcomes: dict[int, Outcome]


class Order(NamedTuple):
    """Where an edge stands in the order of deciding: by rank, by its weaker end, by time, by its ends."""

    rank: int
    priority: int
    key: OrderKey
    ends: tuple[tuple[int, int, str], ...]


def partition(nodes: Mapping[int, Node], edges: Collection[Edge], rules: Rules) -> Partition:
    """Join what the evidence joins, strongest and earliest first, and refuse what would break a rule.

    `nodes` say which values are blocked and shared, and have every end and `via`. Depends on nothing but its
    arguments, in any order.
    """
    outcomes = {edge.id: outcome for edge in edges if (outcome := undecided(edge, nodes, rules))}
    deciding = [edge for edge in edges if edge.id not in outcomes]
    components = Components(
        {node.id: node.namespace for node in nodes.values() if resolves(node, rules)},
        rules,
        _times(deciding),
    )
    outcomes.update(_join(components, deciding, nodes, rules))
    return Partition(components.sets(), outcomes)


def undecided(edge: Edge, nodes: Mapping[int, Node], rules: Rules) -> Outcome | None:
    """What becomes of an edge that takes no part in deciding; None for one that does."""
    a, b = nodes[edge.a], nodes[edge.b]
    if edge.withdrawn:
        state = EvidenceState.WITHDRAWN
    elif a.blocked or b.blocked:
        state = EvidenceState.IGNORED
    elif edge.rule is EvidenceRule.CONTENT and rules.by_id[b.namespace].content is not ContentUse.JOIN:
        state = EvidenceState.PROPOSED
    elif edge.via is not None and not nodes[edge.via].blocked:
        state = EvidenceState.BESIDE
    elif not (a.present and b.present):
        state = EvidenceState.IGNORED
    elif not (resolves(a, rules) and resolves(b, rules)):
        state = EvidenceState.ATTACHED
    else:
        return None
    return Outcome(state)


def resolves(node: Node, rules: Rules) -> bool:
    """Whether this identifier joins people."""
    is_free = node.present and not node.blocked and not node.shared
    return is_free and rules.by_id[node.namespace].level.resolves


def order_of(edge: Edge, nodes: Mapping[int, Node], rules: Rules) -> Order:
    """Where an edge stands in the order of deciding."""
    ends = sorted(
        (rules.by_id[node.namespace].priority, node.namespace, node.value)
        for node in (nodes[edge.a], nodes[edge.b])
    )
    return Order(edge.rule.rank, 0 if edge.rule.is_decision else ends[-1][0], edge.order, tuple(ends))


def _join(
    components: Components, edges: Iterable[Edge], nodes: Mapping[int, Node], rules: Rules
) -> dict[int, Outcome]:
    """Have the edges join what they may, in order, but for what is to be kept apart; what became of each."""
    outcomes: dict[int, Outcome] = {}
    alike: dict[tuple[int, int, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.rule is EvidenceRule.KEEP_APART:
            components.keep_apart(edge.a, edge.b)
            outcomes[edge.id] = Outcome(EvidenceState.ACCEPTED)
        else:
            alike[min(edge.a, edge.b), max(edge.a, edge.b), edge.rule.rank].append(edge)
    # Of links that say the same the first decides: a join that is refused stays so, because sets only grow.
    first = [(min(order_of(edge, nodes, rules) for edge in same), same) for same in alike.values()]
    for _, same in sorted(first, key=lambda each: each[0]):
        edge = same[0]
        refusal = components.join(edge.a, edge.b, whatever_the_limits=edge.rule is EvidenceRule.MERGE)
        state = EvidenceState.REFUSED if refusal else EvidenceState.ACCEPTED
        outcomes.update((each.id, Outcome(state, refusal)) for each in same)
    return outcomes


def _times(edges: Iterable[Edge]) -> dict[int, datetime]:
    times: dict[int, datetime] = {}
    for edge in edges:
        if edge.rule.is_decision:
            continue
        for node in (edge.a, edge.b):
            times[node] = min(times.get(node, edge.order.time), edge.order.time)
    return times


def united(nodes: Mapping[int, Node], edges: Iterable[Edge], rules: Rules) -> Mapping[int, int]:
    """Which nodes the staff made one: node -> the one that stands for them."""
    decisions = [
        edge
        for edge in edges
        if edge.rule.is_decision
        and not edge.withdrawn
        and not nodes[edge.a].blocked
        and not nodes[edge.b].blocked
    ]
    ends = {end for edge in decisions for end in (edge.a, edge.b)}
    components = Components({end: nodes[end].namespace for end in ends}, rules, {})
    _join(components, decisions, nodes, rules)
    return {end: components.find(end) for end in ends}
