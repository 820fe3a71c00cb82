"""What the events of a batch bring to identity: identifiers, and links that are new or show an earlier event."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from profiles.builder import evidence
from profiles.builder.arrival import Arrival
from profiles.builder.groups import Group, Way
from profiles.builder.known import KnownEvidence
from profiles.builder.new_links import Fresh, fresh_link
from profiles.builder.nodes import Node
from profiles.builder.sharing import Value
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Identifier, Link
from profiles.identity.rules import Rules
from profiles.identity.sharing import TELLING


class Brought:
    """`nodes` by identifier, and `links` by key, each with the earliest event of the batch behind it.

    `evidence` is the known one, by key.
    """

    def __init__(
        self, arrivals: Sequence[Arrival], known: Mapping[bytes, KnownEvidence], rules: Rules
    ) -> None:
        self.nodes: dict[Identifier, Node] = {}
        self.links: dict[bytes, tuple[Link, Arrival]] = {}
        self.evidence = known
        self._rules = rules
        self._collect(arrivals)

    def _collect(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
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
        node = self.nodes.get(identifier)
        if node is None:
            node = self.nodes[identifier] = Node(identifier, self._rules)
            node.time = arrival.time
        elif arrival.time < node.time:
            node.time = arrival.time
        return node

    def _note_link(self, key: bytes, link: Link, arrival: Arrival) -> None:
        known = self.evidence.get(key)
        if known is not None and not known.lowered:
            return
        first = self.links.get(key)
        if first is None or arrival.order < first[1].order:
            self.links[key] = (link, arrival)

    def joining(self) -> list[tuple[Node, Node]]:
        """The ends of the links that take part in deciding."""
        return [
            (self.nodes[link.a], self.nodes[link.b])
            for key, (link, _) in self.links.items()
            if (not (known := self.evidence.get(key)) or not known.withdrawn) and self._joins(link)
        ]

    def linked(self, stored: Mapping[bytes, int]) -> list[tuple[int, Node, Node]]:
        """The same, with the ids of their evidence."""
        return [
            (stored[key], self.nodes[link.a], self.nodes[link.b])
            for key, (link, _) in self.links.items()
            if self._joins(link)
        ]

    def _joins(self, link: Link) -> bool:
        return evidence.first_state(link, self.nodes, self._rules) is EvidenceState.ACCEPTED

    def attached(self) -> set[int]:
        """The identifiers that links name and that are of several people; not those that only stand in texts."""
        named = (node for link, _ in self.links.values() for node in (self.nodes[link.a], self.nodes[link.b]))
        return {
            node.id
            for node in named
            if node.id is not None
            and node.present
            and not node.blocked
            and (node.shared or not node.level_resolves)
        }

    def links_of(self, groups: Sequence[Group]) -> dict[Group, list[Fresh]]:
        """The new links of those groups that might be decided by them alone."""
        of = {id(node): each for each in groups for node in each.nodes}
        found: dict[Group, list[Fresh]] = {each: [] for each in groups}
        windows = {rule.id for rule in self._rules.bounded if rule.window}
        for key, (link, arrival) in self.links.items():
            ends = (self.nodes[link.a], self.nodes[link.b])
            each = of.get(id(ends[0]))
            if each is None or not self._joins(link):
                continue
            known = self.evidence.get(key)
            moves = known is not None and (known.withdrawn or not known.refused_by)
            if moves or link.a.namespace in windows or link.b.namespace in windows:
                found.pop(each, None)
            elif each in found:
                refused_by = known.refused_by if known else None
                fresh = fresh_link(key, link, arrival, ends, refused_by=refused_by, rules=self._rules)
                found[each].append(fresh)
        return found

    def evidence_of(self, groups: Sequence[Group], stored: Mapping[bytes, int]) -> dict[Group, list[int]]:
        """The evidence that the batch brings of links within groups that are deferred."""
        of = {id(node): each for each in groups if each.way is Way.DEFERRED for node in each.nodes}
        found: dict[Group, list[int]] = defaultdict(list)
        for key, (link, _) in self.links.items() if of else ():
            each = of.get(id(self.nodes[link.a]))
            known = self.evidence.get(key)
            if each is not None and self._joins(link) and not (known and known.withdrawn):
                found[each].append(stored[key])
        return found

    def maybe_older(self) -> set[Identifier]:
        """Known identifiers that a new link may show to be older, which counts where a limit has a window."""
        windows = {rule.id for rule in self._rules.bounded if rule.window}
        if not windows:
            return set()
        ends = (end for link, _ in self.links.values() for end in (link.a, link.b))
        return {end for end in ends if end.namespace in windows}

    def telling(self) -> list[Node]:
        """The ends of links that tell of sharing."""
        ends = (end for link, _ in self.links.values() if link.rule in TELLING for end in (link.a, link.b))
        return [self.nodes[end] for end in ends]

    def maybe_shared(self) -> list[Value]:
        """The values that the batch shows together with one of a unique namespace."""
        found = {
            node.id: Value(node.id, *node.identifier)
            for link, _ in self.links.values()
            if link.rule in TELLING
            for node, other in (
                (self.nodes[link.a], self.nodes[link.b]),
                (self.nodes[link.b], self.nodes[link.a]),
            )
            if node.id is not None and node.resolves and self._rules.by_id[other.identifier.namespace].unique
        }
        return list(found.values())
