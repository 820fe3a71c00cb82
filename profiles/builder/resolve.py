"""Resolving the identities of a batch: find, group, lock, decide, apply. In the lock order of docs/architecture.md."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import anchors, appearing, clusters, evidence, nodes, person
from profiles.builder.anchors import NewAnchor
from profiles.builder.apply import Applying
from profiles.builder.arrival import Arrival
from profiles.builder.attempt import Widen
from profiles.builder.deciding import Deciding
from profiles.builder.groups import Group, Way, group
from profiles.builder.known import KnownAnchor, KnownEvidence
from profiles.builder.locking import Locks
from profiles.builder.new_links import Fresh, fresh_link
from profiles.builder.nodes import Node
from profiles.builder.outcome import Resolution
from profiles.builder.rules import RuleBook
from profiles.builder.sharing import Value, shared_among
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Identifier, Link
from profiles.identity.sharing import TELLING


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
        self._anchors, self._evidence = known
        self._wider = wider
        self._nodes: dict[Identifier, Node] = {}
        self._links: dict[bytes, tuple[Link, Arrival]] = {}
        self.resolution = Resolution()

    def run(self) -> Resolution:
        """Resolve, store identifiers, evidence, anchors and who has them; people are locked, not yet stored."""
        self._collect()
        nodes.find(self._connection, self._nodes.values())
        self._wake()
        groups = group(self._nodes.values(), self._joining(), self._wider)
        self._provide(groups)
        locks, links = self._lock(groups)
        self.resolution.evidence = evidence.store(self._connection, self._links, self._nodes, self._rules)
        deciding = Deciding(self._connection, self._rules, locks)
        self._note_attached()
        self.resolution.attached |= appearing.settle(self._connection, self._nodes.values(), self._rules)
        self._replay_newly_shared(groups)
        deciding.check_limits(groups, self._maybe_older())
        joining = self._evidence_of(groups)
        decided = deciding.decide(groups, links, self.resolution.evidence, joining)
        self._make_anchors()
        evidence.settle(self._connection, deciding.refused)
        self.resolution.refused += len(deciding.refused)
        linked = [each for each in self._linked() if each[0] not in deciding.refused]
        Applying(self._connection, self.resolution, self._book, linked).run(decided)
        clusters.renew(self._connection, deciding.grown)
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
        ends = (end for link, _ in self._links.values() if link.rule in TELLING for end in (link.a, link.b))
        nodes.lock_shared(self._connection, (self._nodes[end] for end in ends))
        waking = set(map(id, self._waking))
        for each in groups:
            if any(id(node) in waking for node in each.nodes):
                each.replay()
        links = self._links_of([each for each in groups if each.clusters and each.way is Way.PLAIN])
        locks = Locks(self._connection, self._rules)
        locks.take(groups, self._rows, links)
        self.resolution.people = locks.people
        return locks, links

    def _note_attached(self) -> None:
        self.resolution.attached = {
            node.id
            for link, _ in self._links.values()
            for node in (self._nodes[link.a], self._nodes[link.b])
            if node.id is not None and (node.shared or not node.level_resolves) and not node.blocked
        }

    def _links_of(self, groups: Sequence[Group]) -> dict[Group, list[Fresh]]:
        """The new links of those groups that might be decided by them alone."""
        of = {id(node): each for each in groups for node in each.nodes}
        found: dict[Group, list[Fresh]] = {each: [] for each in groups}
        windows = {rule.id for rule in self._rules.bounded if rule.window}
        for key, (link, arrival) in self._links.items():
            ends = (self._nodes[link.a], self._nodes[link.b])
            each = of.get(id(ends[0]))
            if each is None or not self._joins(link):
                continue
            known = self._evidence.get(key)
            moves = known is not None and (known.withdrawn or not known.refused_by)
            if moves or link.a.namespace in windows or link.b.namespace in windows:
                found.pop(each, None)
            elif each in found:
                refused_by = known.refused_by if known else None
                fresh = fresh_link(key, link, arrival, ends, refused_by=refused_by, rules=self._rules)
                found[each].append(fresh)
        return found

    def _evidence_of(self, groups: Sequence[Group]) -> dict[Group, list[int]]:
        """The evidence that the batch brings of links within groups that are deferred."""
        of = {id(node): each for each in groups if each.way is Way.DEFERRED for node in each.nodes}
        found: dict[Group, list[int]] = defaultdict(list)
        for key, (link, _) in self._links.items() if of else ():
            each = of.get(id(self._nodes[link.a]))
            known = self._evidence.get(key)
            if each is not None and self._joins(link) and not (known and known.withdrawn):
                found[each].append(self.resolution.evidence[key])
        return found

    def _replay_newly_shared(self, groups: Sequence[Group]) -> None:
        """Have those groups decided anew of which the batch shows an identifier to be shared."""
        candidates = {
            node.id: Value(node.id, *node.identifier)
            for link, _ in self._links.values()
            if link.rule in TELLING
            for node, other in (
                (self._nodes[link.a], self._nodes[link.b]),
                (self._nodes[link.b], self._nodes[link.a]),
            )
            if node.id is not None and node.resolves and self._rules.by_id[other.identifier.namespace].unique
        }
        shared = shared_among(self._connection, candidates.values(), self._rules)
        self.resolution.newly_shared = shared
        for each in groups:
            if any(node.id in shared for node in each.nodes):
                each.replay()

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
