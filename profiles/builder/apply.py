"""From decided groups to people, and the rows that follow from who is who."""

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import psycopg

from profiles.builder import anchors, binary, households, nodes, purchases, traits
from profiles.builder.groups import Group
from profiles.builder.joining import Joining
from profiles.builder.merging import Chains, Vertex, vertex
from profiles.builder.outcome import Merge, Resolution, Split
from profiles.builder.rearranging import Rearranging
from profiles.builder.recompute import Recomputed, recompute
from profiles.builder.rules import RuleBook

_FOLLOW = """
UPDATE profiles_identifier i SET profile_id = m.target
FROM unnest(%s, %s) AS m(source, target) WHERE i.profile_id = m.source
"""


class Applying:
    """Turns groups into people, and moves identifiers and anchors to them. `links` are those of the batch that hold."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        resolution: Resolution,
        book: RuleBook,
        links: Sequence[tuple[int, nodes.Node, nodes.Node]] = (),
    ) -> None:
        self._connection = connection
        self._resolution = resolution
        self._book = book
        self._links = links

    def run(self, groups: Sequence[Group]) -> None:
        """Have every identifier of the groups know its person, and the rows say so."""
        rules = self._book.namespaces
        replayed = [(each, recompute(each.closure, rules)) for each in groups if each.closure is not None]
        self.rearrange(replayed, [each for each in groups if each.closure is None])

    def rearrange(self, replayed: Sequence[tuple[Group, Recomputed]], joined: Sequence[Group] = ()) -> None:
        """Have the people of groups be as decided; each of those that are only `joined` is one person."""
        joining = Joining(self._resolution, self._book)
        for group in joined:
            joining.join(group, lambda: self._chains)
        rearranging = Rearranging(self._connection, joining, replayed)
        rearranging.run()
        self._store_owners(rearranging)
        self._follow(joining)
        nodes.move(self._connection, joining.moves.values())
        households.provide(self._connection, self._attaching(replayed, joining))

    def _attaching(self, replayed: Sequence[tuple[Group, Recomputed]], joining: Joining) -> set[int]:
        """What is nobody's from now on because several people may have it, and not because it is blocked."""
        rules = self._book.namespaces.by_id
        stored = {node.id: node for _, recomputed in replayed for node in recomputed.stored.values()}
        freed = [
            (stored[identifier], shared)
            for identifier, profile, shared in joining.moves.values()
            if profile is None
        ]
        return {
            node.id
            for node, shared in freed
            if (shared or not rules[node.namespace].level.resolves)
            and not rules[node.namespace].blocks(node.value)
        }

    @cached_property
    def _chains(self) -> Chains:
        return Chains((evidence, _vertex(a), _vertex(b)) for evidence, a, b in self._links)

    def _follow(self, joining: Joining) -> None:
        """Have the rows of merged people name those who took them over."""
        resolution, heirs = self._resolution, self._resolution.heirs
        if heirs:
            sources = sorted(heirs)
            parameters = (binary.bigints(sources), binary.bigints([heirs[row].row for row in sources]))
            self._connection.execute(_FOLLOW, parameters)
        for row, moved in anchors.follow(self._connection, heirs).items():
            resolution.versions.update((each.id, each.mapping_version) for each in moved)
            source = resolution.people[row].public_id
            resolution.merges.append(Merge(source, heirs[row], moved, joining.chains[row]))

    def _store_owners(self, rearranging: Rearranging) -> None:
        """Hand the anchors of people who were taken apart to who has their homes now, with their facts."""
        resolution = self._resolution
        for anchor in chain(*rearranging.leaving.values()):
            resolution.owners.setdefault(anchor.id, None)
        moved = anchors.move(self._connection, resolution.owners)
        resolution.versions.update((each.id, each.mapping_version) for each in moved.values())
        left = set()
        for row, leaving in rearranging.leaving.items():
            source = resolution.people[row]
            left |= {anchor.id for anchor in leaving}
            shares = [(moved[anchor.id], resolution.owners[anchor.id]) for anchor in leaving]
            others, rest = rearranging.others[row], rearranging.rest(row)
            resolution.splits.append(
                Split(source.public_id, source.version, rest, others, shares, rearranging.parted[row])
            )
        owners = {anchor: person for anchor, person in resolution.owners.items() if person is not None}
        resolution.adopted = [(moved[row], person) for row, person in owners.items() if row not in left]
        for row, staying in rearranging.staying.items():
            holder = resolution.heirs.get(row) or resolution.people[row]
            owners.update((anchor.id, holder) for anchor in staying)
        traits.fold_stored(self._connection, owners)
        purchases.fold_stored(self._connection, owners, self._book.lifecycle)


def _vertex(node: nodes.Node) -> Vertex:
    assert node.id is not None
    return vertex(node.id, None if node.is_new else node.stored)
