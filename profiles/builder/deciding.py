"""Deciding the groups of a batch once they are locked and their evidence is stored."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import binary, deferring, new_links
from profiles.builder.alone import Decided, Undecided, decide_alone
from profiles.builder.attempt import Widen
from profiles.builder.closure import Closure, Known, closure
from profiles.builder.clusters import Cluster
from profiles.builder.groups import Group, Way
from profiles.builder.locking import Locks
from profiles.builder.merging import Vertex
from profiles.builder.new_links import Fresh
from profiles.builder.nodes import Node
from profiles.enums import EvidenceState
from profiles.identity.evidence import Identifier, Outcome
from profiles.identity.rules import Rules

_COUNTS = """
SELECT profile_id, namespace_id, count(*) FROM profiles_identifier
WHERE profile_id = ANY(%s) AND namespace_id = ANY(%s) GROUP BY 1, 2
"""


class Deciding:
    """Has groups replayed that must be, and takes those that are decided alone apart into people.

    `refused` are links (by id) that were decided alone, and are not accepted; `grown` the clusters of such links.
    """

    def __init__(self, connection: psycopg.Connection[Any], rules: Rules, locks: Locks) -> None:
        self._connection = connection
        self._rules = rules
        self._locks = locks
        self._bounded = [(rule.id, 1 if rule.unique else rule.limit or 0) for rule in rules.bounded]
        self.refused: dict[int, Outcome] = {}
        self.grown: list[Cluster] = []

    def check_limits(self, groups: Sequence[Group], older: Collection[Identifier]) -> None:
        """Have groups decided anew of which the plain union might break a limit.

        `older` are known identifiers that a new link may show to be older.
        """
        growing = [
            each
            for each in groups
            if each.way is Way.PLAIN
            and (len(each.rows) > 1 or any(n.is_new or n.identifier in older for n in each.nodes))
        ]
        stored = self._counts({row for each in growing for row in each.rows})
        for each in growing:
            counts: dict[int, int] = defaultdict(int)
            for row in each.rows:
                for namespace, count in stored[row].items():
                    counts[namespace] += count
            if not each.rows:
                for node in each.nodes:
                    counts[node.identifier.namespace] += 1
            if any(counts[namespace] > most for namespace, most in self._bounded):
                each.replay()

    def decide(
        self,
        groups: Sequence[Group],
        links: Mapping[Group, Sequence[Fresh]],
        stored: Mapping[bytes, int],
        joining: Mapping[Group, Collection[int]],
    ) -> list[Group]:
        """Decide; returns the groups, each of which is one person or has its closure. Raises Widen.

        `links` are those of groups that are decided alone, `stored` their evidence, `joining` the evidence that
        connects each group.
        """
        self._check_size([each for each in groups if each.way is Way.PLAIN])
        alone = [each for each in groups if each.way is Way.ALONE]
        found = [part for each in self._alone(alone, links, stored) for part in each]
        self._check_size(found)
        for each in groups:
            if each.way is Way.REPLAY:
                each.closure = self._closure(each)
            if each.way is Way.DEFERRED:
                found += deferring.put_off(self._connection, each, joining.get(each, ()), self._locks.people)
            elif each.way is not Way.ALONE:
                found.append(each)
        return found

    def _check_size(self, groups: Sequence[Group]) -> None:
        """Have groups deferred in which too many anchors would change hands."""
        for each in deferring.most_moved(self._connection, groups, self._locks.people):
            raise Widen(each.nodes[0].identifier, is_too_much=True)

    # -- decided anew

    def _closure(self, group: Group) -> Closure:
        """All that belongs to the group. Raises Widen when that is more than is locked."""
        rows = group.rows | {node.stored for node in group.nodes if node.stored is not None}
        ids = {node.id for node in group.nodes if node.id is not None}
        known = Known(rows, group.clusters, ids)
        found = closure(self._connection, ids, self._rules, known=known)
        if found.is_cut:
            raise Widen(group.nodes[0].identifier, is_too_much=True)
        beyond = Widen(
            group.nodes[0].identifier,
            found.rows - rows,
            found.clusters - group.clusters,
            found.unowned - ids,
        )
        if beyond.rows or beyond.clusters or beyond.ids:
            raise beyond
        return found

    # -- decided alone

    def _alone(
        self,
        groups: Sequence[Group],
        links: Mapping[Group, Sequence[Fresh]],
        stored: Mapping[bytes, int],
    ) -> list[list[Group]]:
        if not groups:
            return []
        counts = self._counts({row for each in groups for row in each.rows})
        every = [each for one in groups for each in links[one]]
        lasts = {one: self._locks.last(one) for one in groups}
        amidst = [
            each
            for one in groups
            for each in links[one]
            if (last := lasts[one]) is not None and each.order[:3] <= last[:3]
        ]
        full = new_links.fullness(self._connection, amidst, self._rules)
        known = new_links.earlier(self._connection, every, set(stored.values()))
        apart = self._apart(groups)
        found = []
        for one in groups:
            try:
                made = [
                    new_links.new_link(each, stored[each.key], lasts[one], full, known.get(each.pair))
                    for each in links[one]
                ]
                moved = {each.pair for each in links[one] if _comes_before(each, known.get(each.pair))}
                before = {pair: each.outcome for pair, each in known.items() if pair not in moved}
                decided = decide_alone(made, self._vertices(one, counts), before, apart, self._rules)
            except Undecided as undecided:
                raise Widen(one.nodes[0].identifier) from undecided
            self._note(one, links[one], decided)
            found.append(self._parts(one, decided))
        return found

    def _apart(self, groups: Sequence[Group]) -> list[tuple[Vertex, Vertex]]:
        ruled = [each for each in groups if any(self._locks.clusters[one].decisions for one in each.clusters)]
        rows = {row for each in ruled for row in each.rows}
        return new_links.kept_apart(self._connection, rows) if rows else []

    def _vertices(
        self, group: Group, counts: Mapping[int, Mapping[int, int]]
    ) -> dict[Vertex, Mapping[int, int]]:
        bounded = {namespace for namespace, _ in self._bounded}
        found: dict[Vertex, Mapping[int, int]] = {Vertex(row, None): counts[row] for row in group.rows}
        for node in group.nodes:
            if node.is_new:
                namespace = node.identifier.namespace
                found[Vertex(None, node.id)] = {namespace: 1} if namespace in bounded else {}
        return found

    def _note(self, group: Group, links: Sequence[Fresh], decided: Decided) -> None:
        self.refused.update(
            (row, outcome)
            for row, outcome in decided.outcomes.items()
            if outcome.state is not EvidenceState.ACCEPTED
        )
        (row,) = group.clusters
        cluster = self._locks.clusters[row]
        cluster.edges += len(links)
        lasts = [each for each in (self._locks.last(group), *(each.order for each in links)) if each]
        cluster.last = max(lasts, default=None)
        self.grown.append(cluster)

    def _parts(self, group: Group, decided: Decided) -> list[Group]:
        """The group, a part for each person."""
        (cluster,) = group.clusters
        parts = []
        nodes: dict[Vertex, list[Node]] = defaultdict(list)
        for node in group.nodes:
            nodes[new_links.vertex_of(node)].append(node)
        for members in decided.sets:
            part = Group()
            part.rows = {vertex.row for vertex in members if vertex.row is not None}
            part.nodes = [node for vertex in members for node in nodes.get(vertex, ())]
            part.cluster = cluster
            part.row = min((node.stored for node in part.nodes if node.stored is not None), default=0)
            parts.append(part)
        return parts

    def _counts(self, rows: Collection[int]) -> dict[int, dict[int, int]]:
        """How many values of bounded namespaces these people have."""
        stored: dict[int, dict[int, int]] = defaultdict(dict)
        if rows:
            parameters = (
                binary.bigints(sorted(rows)),
                binary.smallints([namespace for namespace, _ in self._bounded]),
            )
            for row, namespace, count in self._connection.execute(_COUNTS, parameters, binary=True):
                stored[row][namespace] = count
        return stored


def _comes_before(link: Fresh, known: new_links.Earlier | None) -> bool:
    return known is not None and link.order.key < known.order
