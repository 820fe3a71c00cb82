"""The function from evidence and rules to people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.components import Components
from profiles.identity.evidence import Edge, Node, OrderKey, Outcome
from profiles.identity.rules import Rules


@dataclass(frozen=True, slots=True)
class Partition:
    """People as sets of node ids, and what became of every edge. Nodes that join nobody are in no set."""

    people: list[frozenset[int]]
    outcomes: dict[int, Outcome]


def shared_values(nodes: Mapping[int, Node], edges: Iterable[Edge], rules: Rules) -> set[int]:
    """The nodes of shareable namespaces that were seen with two values of a unique namespace.

    Refused evidence counts; withdrawn evidence, decisions, and blocked values do not.
    """
    seen_with: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for edge in edges:
        if edge.withdrawn or edge.rule.is_decision:
            continue
        for value, other in ((nodes[edge.a], nodes[edge.b]), (nodes[edge.b], nodes[edge.a])):
            shareable = rules.by_id[value.namespace].shareable and not value.blocked
            if shareable and rules.by_id[other.namespace].unique and not other.blocked:
                seen_with[value.id][other.namespace].add(other.id)
    return {value for value, others in seen_with.items() if any(len(ids) > 1 for ids in others.values())}


def partition(nodes: Mapping[int, Node], edges: Collection[Edge], rules: Rules) -> Partition:
    """Join what the evidence joins, strongest and earliest first, and refuse what would break a rule.

    `nodes` say which values are blocked and shared. Depends on nothing but its arguments, in any order.
    """
    outcomes = {edge.id: outcome for edge in edges if (outcome := _not_deciding(edge, nodes, rules))}
    deciding = [edge for edge in edges if edge.id not in outcomes]
    components = Components(
        {node.id: node.namespace for node in nodes.values() if _resolves(node, rules)},
        rules,
        _times(deciding),
    )
    for edge in deciding:
        if edge.rule is EvidenceRule.KEEP_APART:
            components.keep_apart(edge.a, edge.b)
            outcomes[edge.id] = Outcome(EvidenceState.ACCEPTED)
    for edge in sorted(deciding, key=lambda each: order_of(each, nodes, rules)):
        if edge.rule is EvidenceRule.KEEP_APART:
            continue
        refusal = components.join(edge.a, edge.b, whatever_the_limits=edge.rule is EvidenceRule.MERGE)
        outcomes[edge.id] = (
            Outcome(EvidenceState.REFUSED, refusal) if refusal else Outcome(EvidenceState.ACCEPTED)
        )
    return Partition(components.sets(), outcomes)


def order_of(
    edge: Edge, nodes: Mapping[int, Node], rules: Rules
) -> tuple[int, OrderKey, list[tuple[int, str]]]:
    """Where an edge stands in the order of deciding: decisions, then by its weaker end, then by time."""
    ends = [(rules.by_id[nodes[end].namespace].priority, nodes[end].value) for end in (edge.a, edge.b)]
    weaker = 0 if edge.rule.is_decision else max(priority for priority, _ in ends)
    return (weaker, edge.order, sorted(ends))


def _not_deciding(edge: Edge, nodes: Mapping[int, Node], rules: Rules) -> Outcome | None:
    ends = (nodes[edge.a], nodes[edge.b])
    if edge.withdrawn:
        return Outcome(EvidenceState.WITHDRAWN)
    if any(node.blocked or node.dormant for node in ends):
        return Outcome(EvidenceState.IGNORED)
    if not all(_resolves(node, rules) for node in ends):
        return Outcome(EvidenceState.ATTACHED)
    return None


def _resolves(node: Node, rules: Rules) -> bool:
    hindered = node.blocked or node.shared or node.dormant
    return not hindered and rules.by_id[node.namespace].level.resolves


def _times(edges: Iterable[Edge]) -> dict[int, datetime]:
    times: dict[int, datetime] = {}
    for edge in edges:
        if edge.rule.is_decision:
            continue
        for node in (edge.a, edge.b):
            times[node] = min(times.get(node, edge.order.time), edge.order.time)
    return times
