"""The transactions that carry a plan out. Each leaves people whole, and fails when they are not as they were planned."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import anchors, binary, clusters, nodes, person, purchases, traits
from profiles.builder.apply import Applying
from profiles.builder.attempt import Restart
from profiles.builder.cause import Cause
from profiles.builder.closure import Closure, identifiers, identifiers_of
from profiles.builder.groups import Group, Way
from profiles.builder.outcome import Resolution
from profiles.builder.recompute import Recomputed
from profiles.builder.renewing import Renewal
from profiles.enums import CauseKind
from profiles.identity.evidence import Edge, Outcome
from profiles.recomputing import plan as planning
from profiles.recomputing.plan import Carry, Plan, Step
from streaming.contracts.records import NewRecord

_RECOMPUTED = Cause(CauseKind.RECOMPUTE)
_DUE_AT = "SELECT due_at FROM profiles_cluster WHERE id = %s"
# The anchor stays that the id was born with: it leads to them until the merge.
_CARRIED = "SELECT id FROM profiles_anchor WHERE profile_id = %s AND birth_id <> %s::uuid LIMIT %s"
_LOCK_PEOPLE = "SELECT id FROM profiles_profile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
# What came, or fell back to an earlier event, since it was planned keeps waiting.
_SETTLE = """
UPDATE profiles_evidence e SET state = o.state, refused_by = o.refused_by
FROM unnest(%s, %s, %s, %s, %s) AS o(id, state, refused_by, before, event_time)
WHERE e.id = o.id AND e.state = o.before AND e.event_time = o.event_time
"""
_RELEASE = """
UPDATE profiles_profile p SET cluster_id = NULL
WHERE p.id = ANY(%(rows)s) AND p.cluster_id = %(cluster)s AND NOT EXISTS (
    SELECT FROM profiles_identifier i JOIN profiles_evidence e ON e.a_id = i.id
    WHERE i.profile_id = p.id AND (e.state IN ('refused', 'pending') OR (e.rule = 'keep_apart' AND e.state = 'accepted'))
) AND NOT EXISTS (
    SELECT FROM profiles_identifier i JOIN profiles_evidence e ON e.b_id = i.id
    WHERE i.profile_id = p.id AND (e.state IN ('refused', 'pending') OR (e.rule = 'keep_apart' AND e.state = 'accepted'))
)
"""
_WAITING = """
SELECT EXISTS (
    SELECT FROM profiles_evidence e
    JOIN profiles_identifier i ON i.id IN (e.a_id, e.b_id)
    JOIN profiles_profile p ON p.id = i.profile_id
    WHERE e.state = 'pending' AND p.cluster_id = %s
)
"""
_END = """
UPDATE profiles_cluster SET due_at = NULL, why = '', lease_owner = NULL, lease_until = NULL, done = 0, total = 0
WHERE id = %s AND due_at = %s
"""
_DROP = """
DELETE FROM profiles_cluster c WHERE c.id = %s AND NOT EXISTS (SELECT FROM profiles_profile WHERE cluster_id = c.id)
"""


def lock_loose(connection: psycopg.Connection[Any], step: Step) -> None:
    """Lock the identifiers of a step that nobody has: before its cluster and its people, as all do."""
    nodes.lock_by_id(connection, {node.id for node in step.stored.values() if node.profile is None})


def rearrange(
    connection: psycopg.Connection[Any], plan: Plan, step: Step, cluster: int, now: datetime
) -> list[NewRecord]:
    """Have the people of a step be as planned; returns what to publish. Raises Restart when they are others by now."""
    rows = step.rows | {node.profile for node in step.stored.values() if node.profile is not None}
    resolution = Resolution(people=person.lock(connection, rows, ()))
    _verify(connection, step)
    group = Group()
    group.rows, group.clusters, group.way, group.cluster = set(step.rows), {cluster}, Way.REPLAY, cluster
    Applying(connection, resolution, plan.book).rearrange([(group, _decided(plan, step))])
    anchors.insert(connection, resolution.anchors.values())
    renewal = Renewal(connection, resolution, plan.book, _RECOMPUTED, now)
    renewal.store()
    return renewal.records


def carry(
    connection: psycopg.Connection[Any], plan: Plan, carry: Carry, cluster: int, now: datetime
) -> tuple[bool, list[NewRecord]]:
    """Have some of somebody's anchors be those of who takes all of them over; whether there are more, what to publish.

    Until the merge the one goes on as they are, without what was carried over: each event is of one of the two, and
    what is told of the both is true of the human that they are. Raises Restart when somebody decided otherwise.
    """
    if connection.execute(_DUE_AT, (cluster,)).fetchone() != (plan.due_at,):
        raise Restart
    people = person.lock(connection, {carry.row, carry.by}, ())
    ids = [
        row
        for (row,) in connection.execute(
            _CARRIED, (carry.row, people[carry.row].public_id, planning.MOST_MOVED)
        )
    ]
    heir = people[carry.by]
    resolution = Resolution(people={carry.by: heir})
    moved = anchors.move(connection, dict.fromkeys(ids, heir))
    resolution.owners.update(dict.fromkeys(ids, heir))
    resolution.adopted = [(each, heir) for each in moved.values()]
    traits.fold_stored(connection, dict.fromkeys(ids, heir))
    purchases.fold_stored(connection, dict.fromkeys(ids, heir), plan.book.lifecycle)
    heir.gained = bool(ids)
    renewal = Renewal(connection, resolution, plan.book, _RECOMPUTED, now)
    renewal.store()
    return len(ids) == planning.MOST_MOVED, renewal.records


def _verify(connection: psycopg.Connection[Any], step: Step) -> None:
    """Make sure that the identifiers are where they were, and that nobody has more of them."""
    now = {row: node.profile for row, node in identifiers(connection, step.stored.keys()).items()}
    planned = {row: node.profile for row, node in step.stored.items()}
    mine = {row for row, node in step.stored.items() if node.profile in step.rows}
    if now != planned or identifiers_of(connection, step.rows).keys() != mine:
        raise Restart


def _decided(plan: Plan, step: Step) -> Recomputed:
    """The part of the plan's decision that the step carries out; outcomes of links follow later."""
    here = step.stored.keys()

    def within(edges: Sequence[Edge]) -> list[Edge]:
        return [edge for edge in edges if edge.a in here and edge.b in here]

    return Recomputed(
        stored=step.stored,
        people=list(step.people),
        shared={row: plan.decided.shared[row] for row in here},
        outcomes={},
        changed={},
        tied=[],
        accepted=within(plan.decided.accepted),
        parted=within(plan.decided.parted),
    )


def settle(connection: psycopg.Connection[Any], found: Closure, outcomes: Mapping[int, Outcome]) -> None:
    """Store what became of these links (by id), unless something newer is known of them."""
    ids = sorted(outcomes)
    edges = [found.edges[row] for row in ids]
    parameters = (
        binary.bigints(ids),
        binary.texts([outcomes[row].state for row in ids]),
        binary.texts([outcomes[row].refused_by for row in ids]),
        binary.texts([before.state for _, before in edges]),
        binary.times([binary.microseconds(edge.order.time) for edge, _ in edges]),
    )
    connection.execute(_SETTLE, parameters)


def release(connection: psycopg.Connection[Any], cluster: int, rows: Collection[int]) -> None:
    """Let people leave the cluster whom nothing ties to others any more."""
    ids = binary.bigints(sorted(rows))
    connection.execute(_LOCK_PEOPLE, (ids,))
    connection.execute(_RELEASE, {"rows": ids, "cluster": cluster})


def end(connection: psycopg.Connection[Any], plan: Plan, cluster: int) -> bool:
    """Have the cluster be due no longer. False when something waits to be decided that was not planned."""
    clusters.own(connection, cluster)
    row = connection.execute(_WAITING, (cluster,)).fetchone()
    if row is None or row[0]:
        return False
    if not connection.execute(_END, (cluster, plan.due_at)).rowcount:
        return False
    tied = plan.decided.tied
    if tied:
        last = max(each.last for each in tied)
        edges, decisions = sum(each.edges for each in tied), sum(each.decisions for each in tied)
        clusters.renew(connection, [clusters.Cluster(cluster, edges, decisions, last=last)])
    connection.execute(_DROP, (cluster,))
    return True
