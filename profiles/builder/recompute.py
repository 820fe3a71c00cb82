"""Deciding a cluster anew from all its evidence, and who is who afterwards."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary, evidence
from profiles.builder.attempt import Restart
from profiles.builder.groups import Group, Sets
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity import evidence as graph
from profiles.identity.evidence import Edge, Outcome
from profiles.identity.partition import partition
from profiles.identity.rules import Rules

_OF_ROWS = "SELECT id, namespace_id, value, profile_id, shared, first_seen FROM profiles_identifier WHERE profile_id = ANY(%s)"
_BY_ID = "SELECT id, namespace_id, value, profile_id, shared, first_seen FROM profiles_identifier WHERE id = ANY(%s)"


class StoredNode(NamedTuple):
    """An identifier as its row says."""

    id: int
    namespace: int
    value: str
    profile: int | None
    shared: bool
    first_seen: datetime


class Recomputed(NamedTuple):
    """A group decided anew.

    `people` are sets of identifiers (by id); `stored` are the rows of all identifiers that were asked about;
    `changed` the evidence of which the outcome is another one now; `tied` the sets (by index) that a refused
    link or a decision ties to others, as clusters; `accepted` are the links that hold, of `edges` in all.
    """

    people: list[frozenset[int]]
    stored: dict[int, StoredNode]
    changed: dict[int, Outcome]
    tied: list[set[int]]
    accepted: list[Edge]
    edges: int


def recompute(
    connection: psycopg.Connection[Any], group: Group, newly_shared: Collection[int], rules: Rules
) -> Recomputed:
    """Decide the group. Raises Restart when its evidence leads to people who are not locked."""
    awake = {node.id for node in group.nodes if node.id is not None}
    core = _load(connection, _OF_ROWS, [*group.rows, group.row])
    core.update(_load(connection, _BY_ID, awake - core.keys()))
    found = evidence.around(connection, core.keys())
    ends = {end for edge, _ in found for end in (edge.a, edge.b)}
    outer = _load(connection, _BY_ID, ends - core.keys())
    nodes = {
        each.id: _node(each, rules, newly_shared=newly_shared, awake=awake)
        for each in (*core.values(), *outer.values())
    }
    if any(_leads_out(edge, nodes, outer) for edge, _ in found):
        raise Restart
    inner = {row: node for row, node in nodes.items() if row in core}
    decided = partition(nodes, [edge for edge, _ in found], rules)
    people = [members for members in decided.people if members <= inner.keys()]
    changed = {
        edge.id: decided.outcomes[edge.id] for edge, before in found if decided.outcomes[edge.id] != before
    }
    ties = [edge for edge, _ in found if _ties(edge, decided.outcomes[edge.id])]
    accepted = [edge for edge, _ in found if _joins(edge, decided.outcomes[edge.id])]
    return Recomputed(people, core, changed, _tied(people, ties), accepted, len(found))


def _load(connection: psycopg.Connection[Any], query: str, ids: Collection[int]) -> dict[int, StoredNode]:
    if not ids:
        return {}
    rows = connection.execute(query, (binary.bigints(sorted(ids)),), binary=True)
    return {row[0]: StoredNode._make(row) for row in rows}


def _node(
    stored: StoredNode, rules: Rules, *, newly_shared: Collection[int], awake: Collection[int | None]
) -> graph.Node:
    rule = rules.by_id[stored.namespace]
    shared = stored.shared or stored.id in newly_shared
    dormant = stored.profile is None and not shared and stored.id not in awake
    return graph.Node(
        id=stored.id,
        namespace=stored.namespace,
        value=stored.value,
        blocked=rule.blocks(stored.value),
        shared=shared,
        dormant=dormant and rule.level.resolves,
    )


def _leads_out(edge: Edge, nodes: Mapping[int, graph.Node], outer: Mapping[int, StoredNode]) -> bool:
    if edge.withdrawn:
        return False
    return any(
        outer[end].profile is not None and not nodes[end].shared for end in (edge.a, edge.b) if end in outer
    )


def _joins(edge: Edge, outcome: Outcome) -> bool:
    return outcome.state is EvidenceState.ACCEPTED and edge.rule is not EvidenceRule.KEEP_APART


def _ties(edge: Edge, outcome: Outcome) -> bool:
    return outcome.state is EvidenceState.REFUSED or (
        edge.rule is EvidenceRule.KEEP_APART and outcome.state is EvidenceState.ACCEPTED
    )


def _tied(people: list[frozenset[int]], ties: Collection[Edge]) -> list[set[int]]:
    """The sets that belong to one cluster each."""
    index = {member: number for number, members in enumerate(people) for member in members}
    sets = Sets()
    for edge in ties:
        sets.join(index[edge.a], index[edge.b])
    clusters: dict[Hashable, set[int]] = defaultdict(set)
    for number in {index[end] for edge in ties for end in (edge.a, edge.b)}:
        clusters[sets.find(number)].add(number)
    return list(clusters.values())
