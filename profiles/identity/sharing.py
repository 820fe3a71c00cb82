"""Which values are shared by several people, and so join none of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from profiles.enums import EvidenceRule
from profiles.identity.evidence import Edge, Node
from profiles.identity.partition import united
from profiles.identity.rules import Rules

# A value in a text was not seen with its people, and decisions say nothing of events.
TELLING = frozenset({EvidenceRule.EVENT, EvidenceRule.VERIFIED, EvidenceRule.ALIAS, EvidenceRule.IMPLIED})


def shared_values(nodes: Mapping[int, Node], edges: Collection[Edge], rules: Rules) -> set[int]:
    """The nodes that are shared: seen with two values of a unique namespace, or always so by a pattern.

    Refused and implied evidence counts; withdrawn evidence, decisions, texts and blocked values do not. Values that
    the staff made one person count once.
    """
    one = united(nodes, edges, rules)
    seen_with: dict[tuple[int, int], set[int]] = defaultdict(set)
    for edge in edges:
        if edge.withdrawn or edge.rule not in TELLING:
            continue
        for value, other in ((nodes[edge.a], nodes[edge.b]), (nodes[edge.b], nodes[edge.a])):
            if _may_be_shared(value, rules) and _tells_of_sharing(other, rules):
                seen_with[value.id, other.namespace].add(one.get(other.id, other.id))
    shared = {value for (value, _), others in seen_with.items() if len(others) > 1}
    return shared | {node.id for node in nodes.values() if _is_always_shared(node, rules)}


def _is_always_shared(node: Node, rules: Rules) -> bool:
    return not node.blocked and rules.by_id[node.namespace].shares(node.value)


def _may_be_shared(node: Node, rules: Rules) -> bool:
    return rules.by_id[node.namespace].shareable and not node.blocked


def _tells_of_sharing(node: Node, rules: Rules) -> bool:
    return rules.by_id[node.namespace].unique and not node.blocked
