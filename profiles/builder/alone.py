"""Deciding new links of a cluster by themselves, when they change nothing that was decided.

That is so for links that sort after all others, and for those that are refused whatever comes after them:
docs/adr/0082-decided-alone.md.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from profiles.builder.merging import Vertex
from profiles.enums import EvidenceState
from profiles.identity.evidence import Outcome
from profiles.identity.partition import Order
from profiles.identity.rules import NamespaceRule, Rules

Counts = Mapping[int, int]  # by namespace, how many values of it a person has
Pair = tuple[frozenset[int], int]  # the ends of links, and the rank of their rule


class NewLink(NamedTuple):
    """A link that the batch brings, by the id of its evidence, between people and new identifiers.

    `is_last` says that it sorts after all that was decided. One that does not has to be refused by the rule of one
    of the namespaces in `full`: an end of it had all values of such before it that the rule allows. `expected` is
    the refusal of later links of the same pair, which must stay as it is.
    """

    evidence: int
    order: Order
    a: Vertex
    b: Vertex
    pair: Pair
    is_last: bool
    full: frozenset[int]
    expected: str | None = None


class Decided(NamedTuple):
    """What became of the links; each set is one person afterwards."""

    sets: list[frozenset[Vertex]]
    outcomes: dict[int, Outcome]


class Undecided(Exception):
    """The links alone do not say it: the cluster has to be decided anew."""


def decide_alone(
    links: Iterable[NewLink],
    counts: Mapping[Vertex, Counts],
    before: Mapping[Pair, Outcome],
    apart: Collection[tuple[Vertex, Vertex]],
    rules: Rules,
) -> Decided:
    """Join what these links join, in their order.

    `counts` are of all vertices, by bounded namespaces, `before` what became of links of the same pairs that sort
    before, `apart` who is kept apart by decision. Raises Undecided.
    """
    people = _People(counts, apart, rules)
    outcomes: dict[int, Outcome] = {}
    settled = dict(before)
    for link in sorted(links, key=lambda each: each.order):
        outcome = settled.get(link.pair)
        if outcome is None:
            refusal = people.join(link.a, link.b) if link.is_last else people.refusal(link)
            outcome = Outcome(EvidenceState.REFUSED, refusal) if refusal else Outcome(EvidenceState.ACCEPTED)
            settled[link.pair] = outcome
        if link.expected is not None and outcome.refused_by != link.expected:
            raise Undecided
        outcomes[link.evidence] = outcome
    return Decided(people.sets(), outcomes)


class _People:
    """Union-find over people and new identifiers, with how many values of bounded namespaces each has."""

    def __init__(
        self, counts: Mapping[Vertex, Counts], apart: Collection[tuple[Vertex, Vertex]], rules: Rules
    ) -> None:
        self._rules = rules
        self._parent = {vertex: vertex for vertex in counts}
        self._counts = {vertex: dict(each) for vertex, each in counts.items()}
        self._apart = apart

    def join(self, a: Vertex, b: Vertex) -> str:
        """Make them one; returns the rule that forbids it, or an empty string."""
        keep, gone = self._find(a), self._find(b)
        if keep == gone:
            return ""
        if self._are_apart(keep, gone):
            return "keep_apart"
        mine, theirs = self._counts[keep], self._counts[gone]
        for rule in self._common(keep, gone):
            if broken := _broken(rule, mine[rule.id] + theirs[rule.id]):
                return broken
        self._parent[gone] = keep
        for namespace, count in self._counts.pop(gone).items():
            mine[namespace] = mine.get(namespace, 0) + count
        return ""

    def refusal(self, link: NewLink) -> str:
        """The rule that forbids a link in the midst of others. Raises Undecided when that is not certain.

        Rules before the one that is known to forbid it must hold for all that the two people have by now: then
        they held for the part that they had where the link stands.
        """
        keep, gone = self._find(link.a), self._find(link.b)
        if keep == gone or self._are_apart(keep, gone):
            raise Undecided
        for rule in self._common(keep, gone):
            if rule.id in link.full:
                return _name(rule)
            if _broken(rule, self._counts[keep][rule.id] + self._counts[gone][rule.id]):
                raise Undecided
        raise Undecided

    def sets(self) -> list[frozenset[Vertex]]:
        """The sets."""
        found: dict[Vertex, set[Vertex]] = defaultdict(set)
        for vertex in self._parent:
            found[self._find(vertex)].add(vertex)
        return [frozenset(members) for members in found.values()]

    def _common(self, keep: Vertex, gone: Vertex) -> list[NamespaceRule]:
        """The rules of the namespaces that both have values of, strongest first."""
        mine, theirs = self._counts[keep], self._counts[gone]
        shared = [self._rules.by_id[namespace] for namespace in theirs if namespace in mine]
        return sorted(shared, key=lambda each: (each.priority, each.id))

    def _are_apart(self, keep: Vertex, gone: Vertex) -> bool:
        return any({self._find(one), self._find(other)} == {keep, gone} for one, other in self._apart)

    def _find(self, vertex: Vertex) -> Vertex:
        parent = self._parent
        while parent[vertex] != vertex:
            parent[vertex] = parent[parent[vertex]]
            vertex = parent[vertex]
        return vertex


def _broken(rule: NamespaceRule, count: int) -> str:
    if rule.unique:
        return _name(rule)
    if rule.limit is None or count <= rule.limit:
        return ""
    if rule.window is not None:
        raise Undecided  # that depends on the times of the values
    return _name(rule)


def _name(rule: NamespaceRule) -> str:
    return f"unique:{rule.key}" if rule.unique else f"limit:{rule.key}"
