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
from profiles.identity.partition import partition, takes_part
from profiles.identity.rules import Rules

_SELECT = "SELECT id, namespace_id, value, profile_id, shared, present, spelling, first_seen FROM profiles_identifier"
_OF_ROWS = f"{_SELECT} WHERE profile_id = ANY(%s)"
_BY_ID = f"{_SELECT} WHERE id = ANY(%s)"


class StoredNode(NamedTuple):
    """An identifier as its row says."""

    id: int
    namespace: int
    value: str
    profile: int | None
    shared: bool
    present: bool
    spelling: bool
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
    connection: psycopg.Connection[Any], group: Group, shared: Mapping[int, bool], rules: Rules
) -> Recomputed:
    """Decide the group. `shared` says which identifiers are shared, where that is no longer as their rows say.

    Raises Restart when its evidence leads to people who are not locked.
    """
    core = _load(connection, _OF_ROWS, [*group.rows, group.row], rules)
    core.update(
        _load(connection, _BY_ID, {n.id for n in group.nodes if n.id is not None} - core.keys(), rules)
    )
    found = evidence.around(connection, core.keys())
    ends = {end for edge, _ in found for end in (edge.a, edge.b)}
    ends |= {edge.via for edge, _ in found if edge.via is not None}
    outer = _load(connection, _BY_ID, ends - core.keys(), rules)
    nodes = {
        **{each.id: _node(each, rules, shared, is_inner=True) for each in core.values()},
        **{each.id: _node(each, rules, shared, is_inner=False) for each in outer.values()},
    }
    if any(_leads_out(edge, nodes, outer) for edge, _ in found if takes_part(edge, nodes, rules)):
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


def _load(
    connection: psycopg.Connection[Any], query: str, ids: Collection[int], rules: Rules
) -> dict[int, StoredNode]:
    if not ids:
        return {}
    rows = connection.execute(query, (binary.bigints(sorted(ids)),), binary=True)
    stored = [StoredNode._make(row) for row in rows]
    return {
        each.id: each._replace(shared=each.shared or rules.by_id[each.namespace].shares(each.value))
        for each in stored
    }


def _node(stored: StoredNode, rules: Rules, shared: Mapping[int, bool], *, is_inner: bool) -> graph.Node:
    rule = rules.by_id[stored.namespace]
    is_shared = shared.get(stored.id, stored.shared)
    # What is nobody's beyond the group waits for a change of the rules to reach it.
    waits = not is_inner and stored.profile is None and not is_shared and rule.level.resolves
    return graph.Node(
        id=stored.id,
        namespace=stored.namespace,
        value=stored.value,
        blocked=rule.blocks(stored.value),
        shared=is_shared,
        present=stored.present and not waits,
        spelling=stored.spelling,
    )


def _leads_out(edge: Edge, nodes: Mapping[int, graph.Node], outer: Mapping[int, StoredNode]) -> bool:
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
