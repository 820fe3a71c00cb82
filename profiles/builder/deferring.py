"""Putting off what is too much to decide while others wait: profiles.recomputing does it in the background."""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg

from profiles.builder import binary, evidence
from profiles.builder.groups import Group
from profiles.builder.nodes import Node
from profiles.builder.person import Person, new_rows
from profiles.enums import EvidenceState
from profiles.identity.evidence import Outcome

MOST_MOVED = 2_000  # anchors; as many change hands in some ten milliseconds

_WHY = "too large to be decided at once"
_PENDING = Outcome(EvidenceState.PENDING)
_NEW = "INSERT INTO profiles_cluster (edges, due_at, why) VALUES (0, clock_timestamp(), %s) RETURNING id"
_DUE = (
    "UPDATE profiles_cluster SET due_at = clock_timestamp(), why = %s WHERE id = ANY(%s) AND due_at IS NULL"
)
_AGAIN = "UPDATE profiles_cluster SET due_at = clock_timestamp(), why = %s WHERE id = ANY(%s)"
# What only an alias named was left out of all that was decided; now it waits for that, too.
_WAKE = """
UPDATE profiles_evidence SET state = 'pending'
WHERE (a_id = ANY(%(ids)s) OR b_id = ANY(%(ids)s)) AND state = 'ignored'
"""
_HELD = """
SELECT k.id, (SELECT count(*) FROM (SELECT FROM profiles_anchor WHERE profile_id = k.id LIMIT %s) a)
FROM unnest(%s) AS k(id)
"""


def put_off(
    connection: psycopg.Connection[Any],
    group: Group,
    links: Collection[int],
    people: dict[int, Person],
) -> list[Group]:
    """Have the cluster of a group be due, and its links (by the ids of evidence) wait; its parts, one person each."""
    cluster = due(connection, group.clusters)
    evidence.settle(connection, dict.fromkeys(links, _PENDING))
    woken = [node.id for node in group.nodes if node.id is not None and node.homeless]
    if woken:
        connection.execute(_WAKE, {"ids": binary.bigints(sorted(woken))})
    single = [node for node in group.nodes if node.is_new or node.stored is None]
    parts = [
        _part([node], set(), row, cluster)
        for node, row in zip(single, new_rows(connection, len(single)), strict=True)
    ]
    for row in sorted(group.rows):
        nodes = [node for node in group.nodes if not node.is_new and node.stored == row]
        parts.append(_part(nodes, {row}, row, people[row].cluster or cluster))
    return parts


def again(connection: psycopg.Connection[Any], clusters: Collection[int]) -> int:
    """The same for clusters that may be due already: what the job has planned for them does not hold any more."""
    connection.execute(_AGAIN, (_WHY, sorted(clusters)))
    return due(connection, clusters)


def due(connection: psycopg.Connection[Any], clusters: Collection[int]) -> int:
    """Have these locked clusters wait for the background job; a new one, if there is none. Returns one of them."""
    if clusters:
        connection.execute(_DUE, (_WHY, sorted(clusters)))
        return min(clusters)
    row = connection.execute(_NEW, (_WHY,)).fetchone()
    assert row is not None
    cluster: int = row[0]
    return cluster


def _part(nodes: list[Node], rows: set[int], row: int, cluster: int) -> Group:
    part = Group()
    part.nodes, part.rows, part.row, part.cluster = nodes, rows, row, cluster
    return part


def most_moved(
    connection: psycopg.Connection[Any], groups: Sequence[Group], people: dict[int, Person]
) -> list[Group]:
    """Those groups, of one person each, in which too many anchors would change hands."""
    merging = [each for each in groups if len(each.rows) > 1]
    if not merging:
        return []
    rows = binary.bigints(sorted({row for each in merging for row in each.rows}))
    held = dict(connection.execute(_HELD, (MOST_MOVED + 1, rows), binary=True).fetchall())
    found = []
    for each in merging:
        eldest = min(each.rows, key=lambda row: people[row].seniority)
        if sum(held[row] for row in each.rows if row != eldest) > MOST_MOVED:
            found.append(each)
    return found
