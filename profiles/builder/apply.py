"""From decided groups to people: who takes whom over, who is taken apart, and which rows move."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import anchors, binary, clusters, evidence, nodes, purchases, traits
from profiles.builder.anchors import NewAnchor, StoredAnchor
from profiles.builder.digests import anchor_key
from profiles.builder.groups import Group
from profiles.builder.merging import Chains, Vertex, vertex
from profiles.builder.outcome import Merge, Resolution, Split
from profiles.builder.person import Person, new_rows
from profiles.builder.recompute import Recomputed, StoredNode, recompute
from profiles.builder.rules import RuleBook
from profiles.enums import Level
from profiles.identity.evidence import Identifier

_FOLLOW = """
UPDATE profiles_identifier i SET profile_id = m.target
FROM unnest(%s, %s) AS m(source, target) WHERE i.profile_id = m.source
"""


class Applying:
    """Turns the groups of a batch into people, and moves identifiers and anchors to them."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        resolution: Resolution,
        book: RuleBook,
        shared: Mapping[int, bool],
        links: Sequence[tuple[int, nodes.Node, nodes.Node]],
    ) -> None:
        self._connection = connection
        self._resolution = resolution
        self._book = book
        self._rules = book.namespaces
        self._shared = shared
        self._links = links
        self._chains: dict[int, list[int]] = {}  # why the people of these rows are no longer on their own
        self._broken: set[int] = set()
        self._homes: dict[int, Person] = {}  # who has the identifiers of people taken apart
        self._moves: dict[int, tuple[int, int | None, bool]] = {}
        self._replayed: list[tuple[Group, Recomputed]] = []

    def run(self, groups: Sequence[Group]) -> None:
        """Have every identifier of the groups know its person, and the rows say so."""
        for group in groups:
            if group.replay:
                self._replayed.append((group, recompute(self._connection, group, self._shared, self._rules)))
            else:
                self._join(group)
        stored = self._stored_anchors()
        for group, recomputed in self._replayed:
            self._rearrange(group, recomputed, stored)
        self._store(stored)

    # -- plain groups: all of it is one person

    def _join(self, group: Group) -> None:
        people = sorted((self._resolution.people[row] for row in group.rows), key=lambda each: each.seniority)
        person = people[0] if people else self._new_person(group.row, self._born(group))
        if len(people) > 1:
            chains = self._chains_of_batch()
            for other in people[1:]:
                self._absorb(person, other, chains)
        self._seen(person, min(node.time for node in group.nodes))
        for node in group.nodes:
            node.person = person
            if node.is_new:
                self._gain(person, node.identifier)
                if node.stored != person.row:
                    self._move(node.id, person)
            person.gained = person.gained or bool(node.anchors)

    @staticmethod
    def _seen(person: Person, time: int) -> None:
        """A person was first seen when one of their identifiers was."""
        if time < person.first_seen:
            person.first_seen = time
            person.touched = True

    def _born(self, group: Group) -> list[NewAnchor]:
        born = [anchor for node in group.nodes for anchor in node.anchors]
        return born or [self._anchor_for(min(group.nodes, key=self._strength))]

    def _strength(self, node: nodes.Node) -> tuple[int, str]:
        return (self._rules.by_id[node.identifier.namespace].priority, node.identifier.value)

    def _anchor_for(self, node: nodes.Node) -> NewAnchor:
        """An anchor without facts, for someone known by links only: everybody has an id."""
        key = self._rules.by_id[node.identifier.namespace].key
        role = {"user_id": "user", "anonymous_id": "anonymous"}.get(key, "other")
        anchor = NewAnchor(anchor_key(**{role: node.identifier}), node.time)
        setattr(anchor, role, node)
        anchor.home = node
        node.anchors.append(anchor)
        self._resolution.anchors[anchor.key] = anchor
        return anchor

    def _new_person(self, row: int, born: Sequence[NewAnchor]) -> Person:
        eldest = min(born, key=lambda anchor: (anchor.first_seen, anchor.birth_id))
        person = Person(row, eldest.birth_id, eldest.first_seen)
        person.gained = True
        self._resolution.people[row] = person
        return person

    def _chains_of_batch(self) -> Chains:
        return Chains((evidence_id, _vertex(a), _vertex(b)) for evidence_id, a, b in self._links)

    def _absorb(self, person: Person, other: Person, chains: Chains) -> None:
        self._chains[other.row] = chains.between(person.row, other.row)
        traits.fold_person(person, other)
        purchases.fold(person, other.last_purchase)
        person.first_seen = min(person.first_seen, other.first_seen)
        person.version = max(person.version, other.version)
        person.identified = person.identified or other.identified
        person.gained = person.touched = True
        person.absorbed.append(other)
        self._resolution.heirs[other.row] = person
        self._resolution.gone.add(other.row)

    def _gain(self, person: Person, identifier: Identifier) -> None:
        person.gained = person.touched = True
        if self._rules.by_id[identifier.namespace].level is Level.PERSON:
            person.identified = True

    def _move(self, identifier: int | None, person: Person | None, *, shared: bool = False) -> None:
        assert identifier is not None
        self._moves[identifier] = (identifier, person.row if person else None, shared)

    # -- groups decided anew

    def _stored_anchors(self) -> dict[int, list[StoredAnchor]]:
        """The anchors of everybody who does not stay whole, by row."""
        for group, recomputed in self._replayed:
            home = {member: number for number, members in enumerate(recomputed.people) for member in members}
            scattered: dict[int, set[int | None]] = {row: set() for row in group.rows}
            for node in recomputed.stored.values():
                if node.profile in scattered:
                    scattered[node.profile].add(home.get(node.id))
            self._broken |= {row for row, homes in scattered.items() if len(homes) != 1 or None in homes}
        by_row: dict[int, list[StoredAnchor]] = {row: [] for row in self._broken}
        for anchor in anchors.of_profiles(self._connection, self._broken):
            assert anchor.profile is not None
            by_row[anchor.profile].append(anchor)
        return by_row

    def _rearrange(self, group: Group, recomputed: Recomputed, stored: dict[int, list[StoredAnchor]]) -> None:
        fresh = {node.id: node for node in group.nodes}
        homeless = [anchor for row in group.rows & self._broken for anchor in stored[row]]
        people = []
        for members in recomputed.people:
            person = self._person_of(members, recomputed, fresh, homeless)
            people.append(person)
            for member in members:
                self._settle(member, person, recomputed.stored[member], fresh)
        for node in recomputed.stored.values():
            if node.id not in self._homes and (node.profile is not None or node.id in self._shared):
                self._move(node.id, None, shared=self._shared.get(node.id, node.shared))
        self._resolution.gone |= group.rows & self._broken
        evidence.settle(self._connection, recomputed.changed)
        clusters.tie(self._connection, people, recomputed.tied, group.clusters, recomputed.edges)

    def _person_of(
        self,
        members: frozenset[int],
        recomputed: Recomputed,
        fresh: dict[int | None, nodes.Node],
        homeless: Sequence[StoredAnchor],
    ) -> Person:
        rows = {recomputed.stored[member].profile for member in members}
        known = self._resolution.people
        whole = sorted(
            (known[row] for row in rows if row in known and row not in self._broken),
            key=lambda each: each.seniority,
        )
        arriving = [anchor for anchor in homeless if anchor.home in members]
        if whole:
            person = whole[0]
            if len(whole) > 1:
                chains = _chains_of(recomputed)
                for other in whole[1:]:
                    self._absorb(person, other, chains)
        else:
            person = self._reborn(members, recomputed, fresh, arriving)
        sources = [known[row] for row in rows if row in self._broken]
        person.version = max([person.version, *(source.version for source in sources)])
        for anchor in arriving:
            self._resolution.owners[anchor.id] = person
            person.gained = person.touched = True
        return person

    def _reborn(
        self,
        members: frozenset[int],
        recomputed: Recomputed,
        fresh: dict[int | None, nodes.Node],
        arriving: Sequence[StoredAnchor],
    ) -> Person:
        """A new row for people without one: under a live id that is theirs, else the birth id of an anchor."""
        (row,) = new_rows(self._connection, 1)
        lived = {self._resolution.people[source].public_id: source for source in self._broken}
        candidates = [
            (anchor.birth_id not in lived, anchor.first_seen, anchor.birth_id) for anchor in arriving
        ]
        born = [anchor for member in members if member in fresh for anchor in fresh[member].anchors]
        if not candidates and not born:
            born = [self._anchor_for(self._strongest(members, recomputed, fresh))]
        candidates += [(True, anchor.first_seen, anchor.birth_id) for anchor in born]
        _, first_seen, birth_id = min(candidates)
        person = Person(row, birth_id, first_seen)
        person.gained = person.touched = True
        for anchor in born:
            assert anchor.home is not None
            anchor.home.person = person
        self._resolution.people[row] = person
        return person

    def _strongest(
        self, members: frozenset[int], recomputed: Recomputed, fresh: dict[int | None, nodes.Node]
    ) -> nodes.Node:
        found = []
        for member in members:
            stored = recomputed.stored[member]
            node = fresh.get(member) or nodes.Node(Identifier(stored.namespace, stored.value), self._rules)
            node.id, node.time = member, node.time or binary.microseconds(stored.first_seen)
            found.append(node)
        return min(found, key=self._strength)

    def _settle(
        self, member: int, person: Person, stored: StoredNode, fresh: dict[int | None, nodes.Node]
    ) -> None:
        self._homes[member] = person
        node = fresh.get(member)
        self._seen(person, binary.microseconds(stored.first_seen))
        if node is not None:
            self._seen(person, node.time)
            node.person = person
            person.gained = person.gained or bool(node.anchors)
        if self._rules.by_id[stored.namespace].level is Level.PERSON:
            person.identified = True
        former = self._resolution.heirs.get(stored.profile or 0)
        if stored.profile != person.row and former is not person:
            self._move(member, person)
        if stored.profile is None or stored.profile != person.row or (node is not None and node.is_new):
            self._gain(person, Identifier(stored.namespace, stored.value))

    # -- rows

    def _store(self, stored: dict[int, list[StoredAnchor]]) -> None:
        resolution = self._resolution
        heirs = resolution.heirs
        if heirs:
            sources = sorted(heirs)
            parameters = (binary.bigints(sources), binary.bigints([heirs[row].row for row in sources]))
            self._connection.execute(_FOLLOW, parameters)
        for row, moved in anchors.follow(self._connection, heirs).items():
            resolution.versions.update((each.id, each.mapping_version) for each in moved)
            source = resolution.people[row].public_id
            resolution.merges.append(Merge(source, heirs[row], moved, self._chains[row]))
        self._store_owners(stored)
        nodes.move(self._connection, self._moves.values())

    def _store_owners(self, stored: dict[int, list[StoredAnchor]]) -> None:
        """Hand the anchors of people who were taken apart to who has their homes now, with their facts."""
        resolution = self._resolution
        for row_anchors in stored.values():
            for anchor in row_anchors:
                resolution.owners.setdefault(anchor.id, None)
        moved = anchors.move(self._connection, resolution.owners)
        resolution.versions.update((each.id, each.mapping_version) for each in moved.values())
        for row, row_anchors in stored.items():
            source = resolution.people[row]
            shares = [(moved[anchor.id], resolution.owners[anchor.id]) for anchor in row_anchors]
            resolution.splits.append(Split(source.public_id, source.version, shares))
        owners = {anchor: person for anchor, person in resolution.owners.items() if person is not None}
        traits.fold_stored(self._connection, owners)
        purchases.fold_stored(self._connection, owners, self._book.lifecycle)


def _vertex(node: nodes.Node) -> Vertex:
    assert node.id is not None
    return vertex(node.id, None if node.is_new else node.stored)


def _chains_of(recomputed: Recomputed) -> Chains:
    stored = recomputed.stored
    return Chains(
        (edge.id, vertex(edge.a, stored[edge.a].profile), vertex(edge.b, stored[edge.b].profile))
        for edge in recomputed.accepted
        if edge.a in stored and edge.b in stored
    )
