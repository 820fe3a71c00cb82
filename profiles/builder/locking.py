"""Locking what a batch decides, in order of id: clusters, then people; and choosing how each group is decided."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import closure, clusters, person
from profiles.builder.attempt import Widen
from profiles.builder.clusters import Cluster
from profiles.builder.groups import Group, Way
from profiles.builder.new_links import Fresh, lasts_of
from profiles.builder.person import Person
from profiles.identity.partition import Order
from profiles.identity.rules import Rules


class Locks:
    """The clusters and people of the groups of a batch, locked; the groups know then how they are decided."""

    def __init__(self, connection: psycopg.Connection[Any], rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._lasts: Mapping[int, Order] = {}
        self.clusters: dict[int, Cluster] = {}
        self.people: dict[int, Person] = {}

    def take(
        self, groups: Sequence[Group], rows: Collection[int], links: Mapping[Group, Sequence[Fresh]]
    ) -> None:
        """Lock the people of the groups and those of `rows`; `links` are the groups that might be decided alone.

        Raises Restart when others changed people or clusters, Widen when a group has to be locked as a whole.
        """
        ids = set().union(*(each.clusters for each in groups))
        self.clusters = clusters.lock_or_share(self._connection, ids)
        for each in groups:
            each.way = self._way(each, links.get(each))
        whole = {cluster for each in groups if each.way is Way.REPLAY for cluster in each.clusters}
        named = set(rows).union(*(each.rows for each in groups))
        self.people = person.lock(self._connection, named, whole)
        self._include(groups)
        self._read_lasts([each for each in groups if each.way is Way.ALONE])

    def last(self, group: Group) -> Order | None:
        """The last link in order of all whom a group names that is decided alone."""
        (cluster,) = group.clusters
        lasts = [self.clusters[cluster].last, *(self._lasts.get(row) for row in group.rows)]
        return max((each for each in lasts if each is not None), default=None)

    def _way(self, group: Group, links: Sequence[Fresh] | None) -> Way:
        if any(self.clusters[each].is_due for each in group.clusters):
            return Way.DEFERRED
        way = group.way
        if group.clusters and way is Way.PLAIN:
            way = Way.ALONE if self._may_be_alone(group, links) else Way.REPLAY
        if (
            way is Way.REPLAY
            and sum(self.clusters[each].edges for each in group.clusters) > closure.MOST_EDGES
        ):
            return Way.DEFERRED
        return way

    def _may_be_alone(self, group: Group, links: Sequence[Fresh] | None) -> bool:
        if links is None or len(group.clusters) != 1:
            return False
        return self.clusters[min(group.clusters)].last is not None

    def _include(self, groups: Sequence[Group]) -> None:
        """Have groups that are decided anew know everybody of their clusters."""
        by_cluster: dict[int, set[int]] = defaultdict(set)
        for each in self.people.values():
            if each.cluster is not None:
                by_cluster[each.cluster].add(each.row)
        for group in groups:
            person.verify(self.people, group.rows, group.clusters)
            if group.way is Way.REPLAY:
                group.rows.update(*(by_cluster[cluster] for cluster in group.clusters))

    def _read_lasts(self, groups: Sequence[Group]) -> None:
        """Find where the links of people end who are in no cluster yet."""
        free = {row for each in groups for row in each.rows if self.people[row].cluster is None}
        lasts = lasts_of(self._connection, free, self._rules)
        if lasts is None:
            raise Widen(next(each.nodes[0].identifier for each in groups if each.rows & free))
        self._lasts = lasts
