"""Making people one: who takes whom over, what they gain by it, and which identifiers move."""

from collections.abc import Callable, Sequence

from profiles.builder import clusters, purchases, traits
from profiles.builder.anchors import NewAnchor
from profiles.builder.digests import anchor_key
from profiles.builder.groups import Group
from profiles.builder.merging import Chains
from profiles.builder.nodes import Node
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.rules import RuleBook
from profiles.enums import Level
from profiles.identity.evidence import Identifier


class Joining:
    """Keeps `chains`, why people (by row) are no longer on their own, and `moves`, new places of identifiers (by id)."""

    def __init__(self, resolution: Resolution, book: RuleBook) -> None:
        self.resolution = resolution
        self.rules = book.namespaces
        self.chains: dict[int, list[int]] = {}
        self.moves: dict[int, tuple[int, int | None, bool]] = {}

    def join(self, group: Group, chains: Callable[[], Chains]) -> None:
        """Make all of a group one person."""
        people = [self.resolution.people[row] for row in group.rows]
        person = self.unite(people, chains) if people else self.born(group.row, self._anchors(group))
        self.seen(person, min((node.time for node in group.nodes), default=person.first_seen))
        for node in group.nodes:
            node.person = person
            if node.is_new or node.stored is None:
                self.gain(person, node.identifier)
                if node.stored != person.row:
                    self.move(node.id, person)
            person.gained = person.gained or bool(node.anchors)
        if group.cluster is not None:
            clusters.belong(person, group.cluster)

    def unite(self, people: Sequence[Person], chains: Callable[[], Chains]) -> Person:
        """Let the one first seen take the others over."""
        person, *others = sorted(people, key=lambda each: each.seniority)
        if others:
            tree = chains().tree(person.row)
            for other in others:
                self._absorb(person, other, tree.chain(other.row))
        return person

    def _absorb(self, person: Person, other: Person, chain: list[int]) -> None:
        self.chains[other.row] = chain
        traits.fold_person(person, other)
        purchases.fold(person, other.last_purchase)
        person.first_seen = min(person.first_seen, other.first_seen)
        person.version = max(person.version, other.version)
        person.identified = person.identified or other.identified
        person.gained = person.touched = True
        person.absorbed.append(other)
        self.resolution.heirs[other.row] = person
        self.resolution.gone.add(other.row)

    def born(self, row: int, anchors: Sequence[NewAnchor]) -> Person:
        """Somebody new, with the id of their eldest anchor."""
        eldest = min(anchors, key=lambda anchor: (anchor.first_seen, anchor.birth_id))
        return self.named(row, eldest.birth_id, eldest.first_seen)

    def named(self, row: int, public_id: str, first_seen: int) -> Person:
        """Somebody new, by this id."""
        person = Person(row, public_id, first_seen)
        person.gained = person.touched = True
        self.resolution.people[row] = person
        return person

    def _anchors(self, group: Group) -> list[NewAnchor]:
        born = [anchor for node in group.nodes for anchor in node.anchors]
        return born or [self.anchor_for(min(group.nodes, key=self.strength))]

    def strength(self, node: Node) -> tuple[int, str]:
        """What orders identifiers, the strongest first."""
        return (self.rules.by_id[node.identifier.namespace].priority, node.identifier.value)

    def anchor_for(self, node: Node) -> NewAnchor:
        """An anchor without facts, for someone known by links only: everybody has an id."""
        key = self.rules.by_id[node.identifier.namespace].key
        role = {"user_id": "user", "anonymous_id": "anonymous"}.get(key, "other")
        anchor = NewAnchor(anchor_key(**{role: node.identifier}), node.time)
        setattr(anchor, role, node)
        anchor.home = node
        node.anchors.append(anchor)
        self.resolution.anchors[anchor.key] = anchor
        return anchor

    def gain(self, person: Person, identifier: Identifier) -> None:
        """The person has an identifier more."""
        person.gained = person.touched = True
        if self.rules.by_id[identifier.namespace].level is Level.PERSON:
            person.identified = True

    def move(self, identifier: int | None, person: Person | None, *, shared: bool = False) -> None:
        """The row of an identifier is to name this person, or nobody."""
        assert identifier is not None
        self.moves[identifier] = (identifier, person.row if person else None, shared)

    @staticmethod
    def seen(person: Person, time: int) -> None:
        """A person was first seen when one of their identifiers was."""
        if time < person.first_seen:
            person.first_seen = time
            person.touched = True
