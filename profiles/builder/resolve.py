"""Resolving the identities of a batch: find, group, lock, decide, apply. In the lock order of docs/architecture.md."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import anchors, binary, evidence, nodes, person
from profiles.builder.anchors import NewAnchor
from profiles.builder.apply import Applying
from profiles.builder.arrival import Arrival
from profiles.builder.groups import Group, group
from profiles.builder.known import KnownAnchor, KnownEvidence
from profiles.builder.nodes import Node
from profiles.builder.outcome import Resolution
from profiles.builder.rules import RuleBook
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Identifier, Link
from profiles.identity.sharing import TELLING

_COUNTS = """
SELECT profile_id, namespace_id, count(*) FROM profiles_identifier
WHERE profile_id = ANY(%s) AND namespace_id = ANY(%s) GROUP BY 1, 2
"""


class Attempt:
    """One attempt at a batch. `arrivals` bring new identity, `rows` are the people that facts change too.

    Raises Restart when somebody else changed meanwhile what it had read; then its effects must be undone.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        book: RuleBook,
        arrivals: Sequence[Arrival],
        rows: set[int],
        known: tuple[Mapping[bytes, KnownAnchor], Mapping[bytes, KnownEvidence]],
    ) -> None:
        self._connection = connection
        self._book = book
        self._rules = book.namespaces
        self._arrivals = arrivals
        self._rows = rows
        self._anchors, self._evidence = known
        self._nodes: dict[Identifier, Node] = {}
        self._links: dict[bytes, tuple[Link, Arrival]] = {}
        self.resolution = Resolution()

    def run(self) -> Resolution:
        """Resolve, store identifiers, evidence, anchors and who has them; people are locked, not yet stored."""
        self._collect()
        nodes.find(self._connection, self._nodes.values())
        self._wake()
        groups = group(self._nodes.values(), self._joining())
        self._provide(groups)
        self._lock(groups)
        self.resolution.evidence = evidence.store(self._connection, self._links, self._nodes, self._rules)
        newly_shared = self._newly_shared(groups)
        self._check_limits(groups)
        self._make_anchors()
        shared = dict.fromkeys(newly_shared, True)
        Applying(self._connection, self.resolution, self._book, shared, self._linked()).run(groups)
        self._store_anchors()
        return self.resolution

    def _collect(self) -> None:
        """The identifiers and the new links of the arrivals, and the first time of each."""
        for arrival in self._arrivals:
            for identifier in arrival.identifiers:
                self._node(identifier, arrival).present = True
            for key, link in arrival.links:
                for end in (link.a, link.b):
                    node = self._node(end, arrival)
                    # A user id that only an alias names is nobody until it has events of its own; so is whoever
                    # is only found in texts.
                    node.present = node.present or self._names(link, end)
                self._note_link(key, link, arrival)

    def _names(self, link: Link, end: Identifier) -> bool:
        return link.rule is not EvidenceRule.CONTENT and end.namespace != self._rules.user

    def _node(self, identifier: Identifier, arrival: Arrival) -> Node:
        node = self._nodes.get(identifier)
        if node is None:
            node = self._nodes[identifier] = Node(identifier, self._rules)
            node.time = arrival.time
        elif arrival.time < node.time:
            node.time = arrival.time
        return node

    def _note_link(self, key: bytes, link: Link, arrival: Arrival) -> None:
        known = self._evidence.get(key)
        if known is not None:
            self.resolution.evidence[key] = known.id
            if not known.lowered:
                return
        first = self._links.get(key)
        if first is None or arrival.order < first[1].order:
            self._links[key] = (link, arrival)

    def _joining(self) -> list[tuple[Node, Node]]:
        return [
            (self._nodes[link.a], self._nodes[link.b])
            for key, (link, _) in self._links.items()
            if (not (known := self._evidence.get(key)) or not known.withdrawn) and self._joins(link)
        ] + self._woken

    def _linked(self) -> list[tuple[int, Node, Node]]:
        return [
            (self.resolution.evidence[key], self._nodes[link.a], self._nodes[link.b])
            for key, (link, _) in self._links.items()
            if self._joins(link)
        ]

    def _joins(self, link: Link) -> bool:
        return evidence.first_state(link, self._nodes, self._rules) is EvidenceState.ACCEPTED

    def _wake(self) -> None:
        """Find what stored evidence says of user ids that only aliases named, and that have events now."""
        waking = [node for node in self._nodes.values() if node.homeless and node.present]
        by_id = {node.id: node for node in waking}
        self._woken: list[tuple[Node, Node]] = []
        self._waking = waking
        for row, other in nodes.neighbours(self._connection, waking, self._rules):
            neighbour = self._nodes.setdefault(other.identifier, other)
            self._woken.append((by_id[row], neighbour))

    def _provide(self, groups: Sequence[Group]) -> None:
        """Store new identifiers, with the profile row that the plain union of their group gives them."""
        without = [each for each in groups if not each.rows]
        for each, row in zip(without, person.new_rows(self._connection, len(without)), strict=True):
            each.row = row
        for each in groups:
            each.row = each.row or min(each.rows)
            for node in each.nodes:
                if node.id is None:
                    node.stored = each.row
        nodes.insert(self._connection, [node for node in self._nodes.values() if node.id is None])

    def _lock(self, groups: Sequence[Group]) -> None:
        nodes.lock_loose(self._connection, self._nodes.values())
        waking = set(map(id, self._waking))
        for each in groups:
            each.replay = each.replay or any(id(node) in waking for node in each.nodes)
        rows = self._rows.union(*(each.rows for each in groups))
        clusters = set().union(*(each.clusters for each in groups))
        people = person.lock(self._connection, rows, clusters)
        by_cluster: dict[int, set[int]] = defaultdict(set)
        for each_person in people.values():
            if each_person.cluster is not None:
                by_cluster[each_person.cluster].add(each_person.row)
        for each in groups:
            person.verify(people, each.rows, each.clusters)
            each.rows.update(*(by_cluster[cluster] for cluster in each.clusters))
        self.resolution.people = people

    def _newly_shared(self, groups: Sequence[Group]) -> set[int]:
        """The identifiers that the batch shows to be shared; their groups have to be decided anew."""
        rules = self._rules.by_id
        candidates = {
            node.id: node
            for link, _ in self._links.values()
            for node, other in (
                (self._nodes[link.a], self._nodes[link.b]),
                (self._nodes[link.b], self._nodes[link.a]),
            )
            if link.rule in TELLING
            and node.id is not None
            and node.resolves
            and rules[node.identifier.namespace].shareable
            and rules[other.identifier.namespace].unique
            and not other.blocked
        }
        unique = [rule.id for rule in self._rules.namespaces if rule.unique]
        seen: dict[tuple[int, int], set[int]] = defaultdict(set)
        for row, namespace, other, value in evidence.seen_with(self._connection, candidates.keys(), unique):
            if not rules[namespace].blocks(value):
                seen[row, namespace].add(other)
        shared = {row for (row, _), others in seen.items() if len(others) > 1}
        for each in groups:
            each.replay = each.replay or any(node.id in shared for node in each.nodes)
        return shared

    def _check_limits(self, groups: Sequence[Group]) -> None:
        """Have groups decided anew of which the plain union might break a limit."""
        bounded = [(rule.id, 1 if rule.unique else rule.limit or 0) for rule in self._rules.bounded]
        older = self._maybe_older()
        growing = [
            each
            for each in groups
            if not each.replay
            and (len(each.rows) > 1 or any(n.is_new or n.identifier in older for n in each.nodes))
        ]
        stored: dict[int, dict[int, int]] = defaultdict(dict)
        rows = {row for each in growing for row in each.rows}
        if rows:
            parameters = (
                binary.bigints(sorted(rows)),
                binary.smallints([namespace for namespace, _ in bounded]),
            )
            for row, namespace, count in self._connection.execute(_COUNTS, parameters, binary=True):
                stored[row][namespace] = count
        for each in growing:
            counts: dict[int, int] = defaultdict(int)
            for row in each.rows:
                for namespace, count in stored[row].items():
                    counts[namespace] += count
            if not each.rows:
                for node in each.nodes:
                    counts[node.identifier.namespace] += 1
            each.replay = any(counts[namespace] > most for namespace, most in bounded)

    def _maybe_older(self) -> set[Identifier]:
        """Known identifiers that a new link may show to be older, which counts where a limit has a window."""
        windows = {rule.id for rule in self._rules.bounded if rule.window}
        if not windows:
            return set()
        ends = (end for link, _ in self._links.values() for end in (link.a, link.b))
        return {end for end in ends if end.namespace in windows}

    def _make_anchors(self) -> None:
        made = self.resolution.anchors
        for arrival in self._arrivals:
            if arrival.anchor_key in self._anchors:
                continue
            anchor = made.get(arrival.anchor_key)
            if anchor is None:
                anchor = made[arrival.anchor_key] = NewAnchor(arrival.anchor_key, arrival.time)
                self._place(anchor, arrival)
            anchor.first_seen = min(anchor.first_seen, arrival.time)

    def _place(self, anchor: NewAnchor, arrival: Arrival) -> None:
        anchor.home = self._nodes[arrival.home] if arrival.home else None
        if anchor.home:
            anchor.home.anchors.append(anchor)
        for identifier in arrival.identifiers:
            node = self._nodes[identifier]
            key = self._rules.by_id[identifier.namespace].key
            if key == "user_id":
                anchor.user = anchor.user or node
            elif key == "anonymous_id":
                anchor.anonymous = anchor.anonymous or node
            elif node is anchor.home:
                anchor.other = node

    def _store_anchors(self) -> None:
        anchors.insert(self._connection, self.resolution.anchors.values())
        lowered = [
            arrival
            for arrival in self._arrivals
            if (k := self._anchors.get(arrival.anchor_key)) and k.lowered
        ]
        earliest: dict[int, int] = {}
        for arrival in lowered:
            row = self._anchors[arrival.anchor_key].id
            earliest[row] = min(earliest.get(row, arrival.time), arrival.time)
        anchors.seen_earlier(self._connection, earliest.items())
        nodes.seen_earlier(self._connection, [node for node in self._nodes.values() if not node.is_new])
