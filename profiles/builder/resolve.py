"""Resolving the identities of a batch: find, group, lock, decide, apply. In the lock order of docs/architecture.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import anchors, appearing, clusters, evidence, nodes, person
from profiles.builder.anchors import NewAnchor
from profiles.builder.apply import Applying
from profiles.builder.arrival import Arrival
from profiles.builder.attempt import Widen
from profiles.builder.brought import Brought
from profiles.builder.deciding import Deciding
from profiles.builder.groups import Group, Way, group
from profiles.builder.known import KnownAnchor, KnownEvidence
from profiles.builder.locking import Locks
from profiles.builder.new_links import Fresh
from profiles.builder.nodes import Node
from profiles.builder.outcome import Resolution
from profiles.builder.rules import RuleBook
from profiles.builder.sharing import shared_among
from profiles.identity.evidence import Identifier


class Attempt:
    """One attempt at a batch. `arrivals` bring new identity, `rows` are the people that facts change too.

    `wider` is what identifiers were found to be decided with, beyond what they show. Raises Restart when somebody
    else changed meanwhile what it had read; then its effects must be undone.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        book: RuleBook,
        arrivals: Sequence[Arrival],
        rows: set[int],
        known: tuple[Mapping[bytes, KnownAnchor], Mapping[bytes, KnownEvidence]],
        *,
        wider: Mapping[Identifier, Widen],
    ) -> None:
        self._connection = connection
        self._book = book
        self._rules = book.namespaces
        self._arrivals = arrivals
        self._rows = rows
        self._anchors, evidence_known = known
        self._wider = wider
        self._brought = Brought(arrivals, evidence_known, self._rules)
        self._nodes = self._brought.nodes
        self.resolution = Resolution()

    def run(self) -> Resolution:
        """Resolve, store identifiers, evidence, anchors and who has them; people are locked, not yet stored."""
        nodes.find(self._connection, self._nodes.values())
        self._wake()
        groups = group(self._nodes.values(), [*self._brought.joining(), *self._woken], self._wider)
        self._provide(groups)
        locks, links = self._lock(groups)
        stored = evidence.store(self._connection, self._brought.links, self._nodes, self._rules)
        self.resolution.evidence = stored
        deciding = Deciding(self._connection, self._rules, locks)
        self.resolution.attached = self._brought.attached()
        self.resolution.attached |= appearing.settle(self._connection, self._nodes.values(), self._rules)
        self._replay_newly_shared(groups)
        deciding.check_limits(groups, self._brought.maybe_older())
        decided = deciding.decide(groups, links, stored, self._brought.evidence_of(groups, stored))
        self._make_anchors()
        evidence.settle(self._connection, deciding.refused)
        self.resolution.refused += len(deciding.refused)
        linked = [each for each in self._brought.linked(stored) if each[0] not in deciding.refused]
        Applying(self._connection, self.resolution, self._book, linked).run(decided)
        clusters.renew(self._connection, deciding.grown)
        self._store_anchors()
        return self.resolution

    def _wake(self) -> None:
        """Find what stored evidence says of user ids that only aliases named, and that have events now.

        And those whom an earlier attempt found to be decided with an identifier of the batch.
        """
        waking = [node for node in self._nodes.values() if node.homeless and node.present]
        by_id = {node.id: node for node in waking}
        self._woken: list[tuple[Node, Node]] = []
        self._waking = waking
        for row, other in nodes.neighbours(self._connection, waking, self._rules):
            neighbour = self._nodes.setdefault(other.identifier, other)
            self._woken.append((by_id[row], neighbour))
        for identifier, wider in self._wider.items():
            if wider.ids and (here := self._nodes.get(identifier)):
                for other in nodes.by_id(self._connection, wider.ids, self._rules):
                    self._woken.append((here, self._nodes.setdefault(other.identifier, other)))

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
        self._provide_each([each for each in groups if each.clusters])
        nodes.insert(self._connection, [node for node in self._nodes.values() if node.id is None])

    def _provide_each(self, groups: Sequence[Group]) -> None:
        """Give each new identifier beside a cluster a row of its own: rules keep most of them apart."""
        new = [node for each in groups for node in each.nodes if node.id is None]
        for node, row in zip(new, person.new_rows(self._connection, len(new)), strict=True):
            node.stored = row

    def _lock(self, groups: Sequence[Group]) -> tuple[Locks, Mapping[Group, Sequence[Fresh]]]:
        nodes.lock_loose(self._connection, self._nodes.values())
        nodes.lock_shared(self._connection, self._brought.telling())
        waking = set(map(id, self._waking))
        for each in groups:
            if any(id(node) in waking for node in each.nodes):
                each.replay()
        links = self._brought.links_of([each for each in groups if each.clusters and each.way is Way.PLAIN])
        locks = Locks(self._connection, self._rules)
        locks.take(groups, self._rows, links)
        self.resolution.people = locks.people
        return locks, links

    def _replay_newly_shared(self, groups: Sequence[Group]) -> None:
        """Have those groups decided anew of which the batch shows an identifier to be shared."""
        shared = shared_among(self._connection, self._brought.maybe_shared(), self._rules)
        for each in groups:
            if any(node.id in shared for node in each.nodes):
                each.replay()

    def _make_anchors(self) -> None:
        made = self.resolution.anchors
        for arrival in self._arrivals:
            if arrival.anchor_key in self._anchors:
                continue
            anchor = made.get(arrival.anchor_key)
            if anchor is None:
                anchor = made[arrival.anchor_key] = NewAnchor(
                    arrival.anchor_key, arrival.time, arrival.source_id
                )
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
