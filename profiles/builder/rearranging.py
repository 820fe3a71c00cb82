"""Groups that were decided anew: who stays whole, who is taken apart, and who has whose anchors then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import psycopg

from profiles.builder import anchors, binary, clusters, evidence, nodes
from profiles.builder.anchors import StoredAnchor
from profiles.builder.closure import StoredNode
from profiles.builder.groups import Group
from profiles.builder.joining import Joining
from profiles.builder.merging import MOST_LINKS, Chains, vertex
from profiles.builder.person import Person, new_rows
from profiles.builder.recompute import Recomputed
from profiles.enums import EvidenceState, Level
from profiles.identity.evidence import Edge, Identifier

_ROWS_AT_ONCE = 100


Place = tuple[int, int]  # a set of identifiers: the number of its group, and its number there


class Rearranging:
    """Has the people of groups be as decided.

    Who does not stay whole keeps the row and the id if the anchor stays that the id was born with. `leaving` are the
    anchors that such people lose, by row, `staying` all others of them, and `parted` the links that held them
    together.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        joining: Joining,
        groups: Sequence[tuple[Group, Recomputed]],
    ) -> None:
        self._connection = connection
        self._joining = joining
        self._resolution = joining.resolution
        self._groups = groups
        self._rows: list[int] = []
        self._places: dict[int, Place] = {}  # of identifiers
        self._homes: dict[int, Person] = {}  # who has the identifiers
        self._kept: dict[Place, list[int]] = defaultdict(
            list
        )  # rows that stay with a set, without all they had
        self._arriving: dict[int, list[StoredAnchor]] = defaultdict(list)  # by home
        self._broken: set[int] = set()
        self.leaving: dict[int, list[StoredAnchor]] = {}
        self.staying: dict[int, list[StoredAnchor]] = {}
        self.parted: dict[int, list[int]] = defaultdict(list)
        self.others: dict[int, list[Person]] = defaultdict(
            list
        )  # who has something of those who were taken apart

    def run(self) -> None:
        """Decide who has what; the rows of identifiers and anchors are not stored yet."""
        self._find_broken()
        self._part_anchors()
        for at, (group, recomputed) in enumerate(self._groups):
            self._rearrange(at, group, recomputed)

    def rest(self, row: int) -> Person | None:
        """Who goes on in this row, or took it over; None when nothing of it stays."""
        if not self.staying[row]:
            return None
        return self._resolution.heirs.get(row) or self._resolution.people[row]

    def _find_broken(self) -> None:
        """Whose identifiers, or the homes of whose anchors, are not all in one set."""
        found: dict[int, set[Place | None]] = defaultdict(set)
        for at, (group, recomputed) in enumerate(self._groups):
            for number, members in enumerate(recomputed.people):
                self._places.update(dict.fromkeys(members, (at, number)))
            for node in recomputed.stored.values():
                if node.profile in group.rows:
                    found[node.profile].add(self._places.get(node.id))
        rows = {row for group, _ in self._groups for row in group.rows}
        for row, home in anchors.homes_of(self._connection, rows):
            found[row].add(self._places.get(home) if home is not None else None)
        self._broken = {row for row in rows if len(found[row]) != 1 or None in found[row]}

    def _part_anchors(self) -> None:
        """Which anchors leave those who do not stay whole, and which of nobody find somebody."""
        held: dict[int, list[StoredAnchor]] = {row: [] for row in self._broken}
        for anchor in anchors.of_profiles(self._connection, self._broken):
            assert anchor.profile is not None
            held[anchor.profile].append(anchor)
        for row, all_of_it in sorted(held.items()):
            public_id = self._resolution.people[row].public_id
            born = next((anchor for anchor in all_of_it if anchor.birth_id == public_id), None)
            place = self._place_of(born) if born else None
            self.staying[row] = [each for each in all_of_it if place and self._place_of(each) == place]
            self.leaving[row] = [each for each in all_of_it if not place or self._place_of(each) != place]
            if place:
                self._keep(row, place)
        homes = {row for _, recomputed in self._groups for row in recomputed.stored}
        for anchor in (*chain(*self.leaving.values()), *anchors.of_nobody(self._connection, homes)):
            if anchor.home is not None:
                self._arriving[anchor.home].append(anchor)

    def _place_of(self, anchor: StoredAnchor) -> Place | None:
        return None if anchor.home is None else self._places.get(anchor.home)

    def _keep(self, row: int, place: Place) -> None:
        """Somebody goes on as this set, with the facts of the anchors that stay."""
        at, number = place
        recomputed = self._groups[at][1]
        mine = [recomputed.stored[member] for member in recomputed.people[number]]
        times = [binary.microseconds(node.first_seen) for node in mine if node.profile == row]
        times += [anchor.first_seen for anchor in self.staying[row]]
        self._resolution.people[row].restart(min(times))
        self._kept[place].append(row)

    def _rearrange(self, at: int, group: Group, recomputed: Recomputed) -> None:
        fresh = {node.id: node for node in group.nodes if node.id is not None}
        people = []
        for number, members in enumerate(recomputed.people):
            person = self._person_of((at, number), members, recomputed, fresh)
            people.append(person)
            for member in members:
                self._settle(member, person, recomputed.stored[member], fresh)
        for node in recomputed.stored.values():
            shared = recomputed.shared[node.id]
            if node.id not in self._homes and (node.profile is not None or shared is not node.shared):
                self._joining.move(node.id, None, shared=shared)
        kept = {row for rows in self._kept.values() for row in rows}
        self._resolution.gone |= (group.rows & self._broken) - kept
        self._explain(recomputed.parted, recomputed.stored)
        refused = [each for each in recomputed.changed.values() if each.state is EvidenceState.REFUSED]
        self._resolution.refused += len(refused)
        evidence.settle(self._connection, recomputed.changed)
        if group.cluster is None:
            clusters.tie(self._connection, people, recomputed.tied, group.clusters)
        for person in people if group.cluster is not None else ():
            clusters.belong(person, group.cluster)

    def _explain(self, parted: Iterable[Edge], stored: dict[int, StoredNode]) -> None:
        for edge in parted:
            row = stored[edge.a].profile
            if row is not None and len(self.parted[row]) < MOST_LINKS:
                self.parted[row].append(edge.id)

    def _person_of(
        self,
        place: Place,
        members: frozenset[int],
        recomputed: Recomputed,
        fresh: dict[int, nodes.Node],
    ) -> Person:
        rows = {recomputed.stored[member].profile for member in members}
        known = self._resolution.people
        whole = [known[row] for row in rows if row in known and row not in self._broken]
        whole += [known[row] for row in self._kept.get(place, ())]
        arriving = [anchor for member in members for anchor in self._arriving.get(member, ())]
        if whole:
            person = self._joining.unite(whole, lambda: _chains(recomputed, fresh))
        else:
            person = self._reborn(members, recomputed, fresh, arriving)
        # What came just now stands in a row of those it was seen with, and was never theirs.
        held = [
            recomputed.stored[each].profile for each in members if each not in fresh or not fresh[each].is_new
        ]
        former = {row for row in held if row in self._broken}
        former |= {anchor.profile for anchor in arriving if anchor.profile is not None}
        for row in sorted(former):
            self.others[row].append(person)
            person.version = max(person.version, known[row].version)
        for anchor in arriving:
            self._resolution.owners[anchor.id] = person
            person.gained = person.touched = True
        return person

    def _reborn(
        self,
        members: frozenset[int],
        recomputed: Recomputed,
        fresh: dict[int, nodes.Node],
        arriving: Sequence[StoredAnchor],
    ) -> Person:
        """A new row for people without one: under a live id that is theirs, else the birth id of an anchor."""
        candidates = [
            (anchor.birth_id not in self._lived, anchor.first_seen, anchor.birth_id) for anchor in arriving
        ]
        born = [anchor for member in members if member in fresh for anchor in fresh[member].anchors]
        if not candidates and not born:
            born = [self._joining.anchor_for(self._strongest(members, recomputed, fresh))]
        candidates += [(True, anchor.first_seen, anchor.birth_id) for anchor in born]
        _, first_seen, birth_id = min(candidates)
        person = self._joining.named(self._next_row(), birth_id, first_seen)
        for anchor in born:
            assert anchor.home is not None
            anchor.home.person = person
        return person

    @cached_property
    def _lived(self) -> set[str]:
        """The ids of those who are taken apart."""
        return {self._resolution.people[row].public_id for row in self._broken}

    def _next_row(self) -> int:
        if not self._rows:
            self._rows = new_rows(self._connection, _ROWS_AT_ONCE)[::-1]
        return self._rows.pop()

    def _strongest(
        self, members: Collection[int], recomputed: Recomputed, fresh: dict[int, nodes.Node]
    ) -> nodes.Node:
        found = []
        for member in members:
            stored = recomputed.stored[member]
            node = fresh.get(member) or nodes.Node(
                Identifier(stored.namespace, stored.value), self._joining.rules
            )
            node.id, node.time = member, node.time or binary.microseconds(stored.first_seen)
            found.append(node)
        return min(found, key=self._joining.strength)

    def _settle(self, member: int, person: Person, stored: StoredNode, fresh: dict[int, nodes.Node]) -> None:
        self._homes[member] = person
        node = fresh.get(member)
        self._joining.seen(person, binary.microseconds(stored.first_seen))
        if node is not None:
            self._joining.seen(person, node.time)
            node.person = person
            person.gained = person.gained or bool(node.anchors)
        if self._joining.rules.by_id[stored.namespace].level is Level.PERSON:
            person.identified = True
        former = self._resolution.heirs.get(stored.profile or 0)
        if stored.profile != person.row and former is not person:
            self._joining.move(member, person)
        if stored.profile is None or stored.profile != person.row or (node is not None and node.is_new):
            self._joining.gain(person, Identifier(stored.namespace, stored.value))


def _chains(recomputed: Recomputed, fresh: dict[int, nodes.Node]) -> Chains:
    stored = recomputed.stored

    def end(row: int) -> int | None:
        return None if row in fresh and fresh[row].is_new else stored[row].profile

    return Chains(
        (edge.id, vertex(edge.a, end(edge.a)), vertex(edge.b, end(edge.b)))
        for edge in recomputed.accepted
        if edge.a in stored and edge.b in stored
    )
