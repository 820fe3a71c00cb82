"""Who is who and what is known of them, kept in memory from all that was ever told: what the database must equal."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from compliance.identifiers import keyed_hash, normalise
from compliance.suppression import Suppressions
from profiles.builder.arrival import Arrival, Reader
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleBook
from profiles.builder.screening import screen
from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Edge, Identifier, Link, Node, OrderKey
from profiles.identity.partition import Partition, partition
from profiles.identity.sharing import shared_values
from tests.profiles.builder.driver import record_of

Name = tuple[str, str]  # namespace, value


@dataclass
class Kept:
    """A link with its earliest order key."""

    link: Link
    order: OrderKey
    withdrawn: bool = False


@dataclass(frozen=True)
class Fact:
    """What one event says of whoever its anchor is."""

    anonymous: Identifier | None
    user: Identifier | None
    other: Identifier | None
    order: OrderKey
    name: str
    traits: dict[str, Any]


@dataclass(frozen=True)
class Person:
    """One person: the identifiers, the newest value of each trait, and how often each event happened."""

    identifiers: frozenset[Name]
    traits: frozenset[tuple[str, Any]]
    events: frozenset[tuple[str, int]]


class World:
    """Everything that was told. Rules may change; what evidence is stored never depends on later rules."""

    def __init__(self, book: RuleBook) -> None:
        self.links: dict[bytes, Kept] = {}
        self.present: dict[Identifier, bool] = {}
        self.facts: dict[Any, Fact] = {}
        self._suppressed: set[bytes] = set()
        self.rule_by(book)

    def rule_by(self, book: RuleBook) -> None:
        """From now on these are the rules."""
        self.rules = book.namespaces
        self._reader = Reader(book, Extractor(self.rules, normalise))

    def suppress(self, namespace: str, normal: str) -> None:
        """From now on nothing is stored of whom this identifies."""
        self._suppressed.add(keyed_hash(namespace, normal))

    def tell(self, events: Iterable[dict[str, Any]]) -> None:
        """An event that was told before says nothing more."""
        arrivals = [self._reader.read(record_of(each)) for each in events]
        fresh = [each for each in arrivals if each.key not in self.facts]
        for each in fresh:
            self.facts[each.key] = Fact(None, None, None, each.order, "", {})
        for each in screen(fresh, self._reader, Suppressions(frozenset(self._suppressed))):
            self._apply(each)

    def decide(self, key: bytes, link: Link, order: OrderKey, *, withdrawn: bool) -> None:
        """What a member of the staff decided."""
        self.links[key] = Kept(link, order, withdrawn)

    def withdraw(self, key: bytes) -> None:
        """A link counts no more."""
        self.links[key].withdrawn = True

    def _apply(self, arrival: Arrival) -> None:
        self.present.update(dict.fromkeys(arrival.identifiers, True))
        for key, link in arrival.links:
            for end in (link.a, link.b):
                is_named = link.rule is not EvidenceRule.CONTENT and end.namespace != self.rules.user
                self.present[end] = self.present.get(end, False) or is_named
            kept = self.links.setdefault(key, Kept(link, arrival.order))
            kept.order = min(kept.order, arrival.order)
        self.facts[arrival.key] = self._fact(arrival)

    def _fact(self, arrival: Arrival) -> Fact:
        first: dict[int, Identifier] = {}
        for each in arrival.identifiers:
            first.setdefault(each.namespace, each)
        anonymous = first.get(self.rules.by_key["anonymous_id"].id)
        user = first.get(self.rules.by_key["user_id"].id)
        other = arrival.home if arrival.home not in (anonymous, user) else None
        return Fact(anonymous, user, other, arrival.order, arrival.kind[1], arrival.traits or {})

    def decided(self) -> tuple[Partition, dict[int, Identifier], dict[int, Node], list[tuple[bytes, Edge]]]:
        """The pure function of everything at once."""
        numbers = {each: number for number, each in enumerate(sorted(self.present), start=1)}
        nodes = {
            number: Node(
                number, each.namespace, each.value, present=self.present[each],
                blocked=self.rules.by_id[each.namespace].blocks(each.value),
            )
            for each, number in numbers.items()
        }  # fmt: skip
        edges = [
            (key, Edge(number, numbers[kept.link.a], numbers[kept.link.b], kept.link.rule, kept.order, kept.withdrawn,
                       kept.link.via and numbers[kept.link.via]))
            for number, (key, kept) in enumerate(self.links.items(), start=1)
        ]  # fmt: skip
        graph = [edge for _, edge in edges]
        shared = shared_values(nodes, graph, self.rules)
        nodes = {number: replace(node, shared=number in shared) for number, node in nodes.items()}
        return partition(nodes, graph, self.rules), {n: each for each, n in numbers.items()}, nodes, edges

    def expected(self) -> tuple[set[Person], set[Name], dict[bytes, tuple[EvidenceState, str]]]:
        """The people, the shared values, and what became of each link."""
        found, named, nodes, edges = self.decided()
        holder = {named[member]: members for members in found.people for member in members}
        traits: dict[frozenset[int], dict[str, tuple[OrderKey, Any]]] = defaultdict(dict)
        events: dict[frozenset[int], Counter[str]] = defaultdict(Counter)
        for fact in self.facts.values():
            home = self._home(fact)
            person = holder.get(home) if fact.name and home else None
            if person is None:
                continue
            events[person][fact.name] += 1
            for key, value in fact.traits.items():
                known = traits[person].get(key)
                if known is None or known[0] < fact.order:
                    traits[person][key] = (fact.order, value)
        people = {
            Person(
                frozenset(self.name(named[member]) for member in members),
                frozenset((key, value) for key, (_, value) in traits[members].items() if value is not None),
                frozenset(events[members].items()),
            )
            for members in found.people
        }
        shared = {self.name(named[number]) for number, node in nodes.items() if node.shared}
        outcomes = {
            key: (found.outcomes[edge.id].state, found.outcomes[edge.id].refused_by) for key, edge in edges
        }
        return people, shared, outcomes

    def _home(self, fact: Fact) -> Identifier | None:
        for each in (fact.user, fact.anonymous):
            if each is not None and not self.rules.by_id[each.namespace].blocks(each.value):
                return each
        return fact.other

    def name(self, identifier: Identifier) -> Name:
        """The key of its namespace, and its value."""
        return self.rules.by_id[identifier.namespace].key, identifier.value
