"""Deciding anew all that belongs together, and who is who afterwards."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from typing import NamedTuple

from profiles.builder.closure import Closure, StoredNode
from profiles.builder.clusters import Tied
from profiles.builder.groups import Sets
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Edge, Node, Outcome
from profiles.identity.partition import Partition, order_of, partition
from profiles.identity.rules import Rules


class Recomputed(NamedTuple):
    """What the pure function makes of a closure.

    `people` are sets of identifiers (by id) and `outcomes` what becomes of links (by id), `changed` those of them
    that are other than before; `shared` says of the identifiers whether they are; `tied` are the sets that belong
    to one cluster each; `accepted` are the links that hold.
    """

    stored: dict[int, StoredNode]
    people: list[frozenset[int]]
    shared: dict[int, bool]
    outcomes: dict[int, Outcome]
    changed: dict[int, Outcome]
    tied: list[Tied]
    accepted: list[Edge]
    parted: list[Edge]


def recompute(found: Closure, rules: Rules) -> Recomputed:
    """Decide it. Reads and writes nothing."""
    edges = [edge for edge, _ in found.edges.values()]
    decided = partition(found.nodes, edges, rules)
    outcomes = decided.outcomes
    people = [members for members in decided.people if members <= found.stored.keys()]
    home = {member: number for number, members in enumerate(people) for member in members}
    return Recomputed(
        stored=found.stored,
        people=people,
        shared={row: found.nodes[row].shared for row in found.stored},
        outcomes=outcomes,
        changed={row: outcomes[row] for row, (_, before) in found.edges.items() if outcomes[row] != before},
        tied=_tied(home, edges, decided, found, rules),
        accepted=[edge for edge in edges if _joins(edge, outcomes[edge.id])],
        parted=[edge for edge, before in found.edges.values() if _parts(edge, before, found, home)],
    )


def _joins(edge: Edge, outcome: Outcome) -> bool:
    return outcome.state is EvidenceState.ACCEPTED and edge.rule is not EvidenceRule.KEEP_APART


def _parts(edge: Edge, before: Outcome, found: Closure, home: dict[int, int]) -> bool:
    """Whether this link held two identifiers together that are apart now."""
    if edge.rule is EvidenceRule.KEEP_APART or not (_joins(edge, before) or edge.withdrawn):
        return False
    a, b = found.stored.get(edge.a), found.stored.get(edge.b)
    if a is None or b is None or a.profile is None or a.profile != b.profile:
        return False
    return home.get(edge.a) is None or home.get(edge.a) != home.get(edge.b)


def _ties(edge: Edge, outcome: Outcome) -> bool:
    return outcome.state is EvidenceState.REFUSED or (
        edge.rule is EvidenceRule.KEEP_APART and outcome.state is EvidenceState.ACCEPTED
    )


def _tied(
    home: dict[int, int], edges: Iterable[Edge], decided: Partition, found: Closure, rules: Rules
) -> list[Tied]:
    """The sets that belong to one cluster each."""
    deciding = [edge for edge in edges if decided.outcomes[edge.id].state in _DECIDED]
    ties = [edge for edge in deciding if _ties(edge, decided.outcomes[edge.id])]
    sets = Sets()
    for edge in ties:
        sets.join(home[edge.a], home[edge.b])
    together: dict[Hashable, set[int]] = defaultdict(set)
    for number in {home[end] for edge in ties for end in (edge.a, edge.b)}:
        together[sets.find(number)].add(number)
    linked: dict[Hashable, list[Edge]] = defaultdict(list)
    for edge in deciding:
        # Ends of a link that decides are in one set, or tied.
        root = sets.find(home[edge.a])
        if root in together:
            linked[root].append(edge)
    return [_cluster(numbers, linked[root], found.nodes, rules) for root, numbers in together.items()]


_DECIDED = frozenset({EvidenceState.ACCEPTED, EvidenceState.REFUSED})


def _cluster(numbers: set[int], edges: Collection[Edge], nodes: dict[int, Node], rules: Rules) -> Tied:
    return Tied(
        numbers,
        len({frozenset((edge.a, edge.b)) for edge in edges}),
        sum(edge.rule.is_decision for edge in edges),
        max(order_of(edge, nodes, rules) for edge in edges),
    )
