"""What has to be decided together with some identifiers: all that evidence, people and clusters connect with them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary, evidence
from profiles.builder.sharing import Value, shared_among, shared_beside, still_shared
from profiles.identity.evidence import Edge, Node, Outcome
from profiles.identity.partition import undecided
from profiles.identity.rules import Rules

MOST_EDGES = 10_000  # links between different identifiers; more are not decided while others wait

_COLUMNS = "id, namespace_id, value, profile_id, shared, present, first_seen"
_OF_ROWS = f"SELECT {_COLUMNS} FROM profiles_identifier WHERE profile_id = ANY(%s)"
_BY_ID = f"SELECT {_COLUMNS} FROM profiles_identifier WHERE id = ANY(%s)"
_CLUSTERS = "SELECT DISTINCT cluster_id FROM profiles_profile WHERE id = ANY(%s) AND cluster_id IS NOT NULL"
_OF_CLUSTERS = "SELECT id FROM profiles_profile WHERE cluster_id = ANY(%s)"


class StoredNode(NamedTuple):
    """An identifier as its row says."""

    id: int
    namespace: int
    value: str
    profile: int | None
    shared: bool
    present: bool
    first_seen: datetime


@dataclass(slots=True)
class Closure:
    """What was read, and belongs together.

    `stored` are the identifiers that take part, `nodes` these and the other ends of their links, `edges` the links
    (by id) with what became of them so far. `rows` and `clusters` are of the people concerned. `asked` are shared
    values of which it was asked whether they still are. `is_cut` says that there is more: reading stopped.
    """

    stored: dict[int, StoredNode] = field(default_factory=dict)
    nodes: dict[int, Node] = field(default_factory=dict)
    edges: dict[int, tuple[Edge, Outcome]] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    clusters: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    is_cut: bool = False

    @property
    def unowned(self) -> set[int]:
        """The identifiers that have no person whose lock would do for them."""
        return self.asked | {node.id for node in self.stored.values() if node.profile is None}

    @property
    def holders(self) -> set[int]:
        """The people of the identifiers that were read."""
        return {node.profile for node in self.stored.values() if node.profile is not None}

    @property
    def extent(self) -> tuple[set[int], set[int], set[int], set[int]]:
        """What has to be the same when it is read again under the locks of all of it."""
        return set(self.stored), self.rows, self.clusters, self.asked


class Known(NamedTuple):
    """What is locked already: people with all of their clusters, and identifiers that are about to have a person."""

    rows: Collection[int] = ()
    clusters: Collection[int] = ()
    awake: Collection[int] = ()


def closure(
    connection: psycopg.Connection[Any],
    seeds: Collection[int],
    rules: Rules,
    *,
    known: Known | None = None,
    most_edges: int | None = None,
) -> Closure:
    """Read what is connected with these identifiers (by id).

    It grows through links that take part in deciding, through people and through clusters; never through a
    blocked value, nor through a shared one that stays so. Without `known` it asks of the shared values beside the
    seeds whether they still are. Takes no lock: who changes anything locks what was found, and reads again. More
    links than `most_edges` (MOST_EDGES, if not given) are not read.
    """
    growth = _Growth(connection, rules, known or Known(), MOST_EDGES if most_edges is None else most_edges)
    if known is None:
        growth.ask(seeds)
    growth.run(seeds)
    return growth.found


class _Growth:
    def __init__(
        self, connection: psycopg.Connection[Any], rules: Rules, known: Known, most_edges: int
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._known = known
        self._most = most_edges
        self._still_shared: set[int] = set()
        self._pairs: set[tuple[int, int]] = set()  # what many say of two identifiers is decided once
        self.found = Closure(clusters=set(known.clusters))

    def ask(self, seeds: Collection[int]) -> None:
        """Find which of the shared values at and beside the seeds still are."""
        asked = shared_beside(self._connection, seeds)
        self.found.asked = {each.id for each in asked}
        self._still_shared = still_shared(self._connection, asked, self._rules)

    def run(self, seeds: Collection[int]) -> None:
        """Grow until nothing leads on."""
        no_longer = self.found.asked - self._still_shared
        ids, rows = (set(seeds) - self._still_shared) | no_longer, set(self._known.rows)
        while (ids or rows) and not self.found.is_cut:
            fresh = self._take(ids, rows)
            touching = self._edges(fresh)
            self._judge(fresh)
            rows = self._people(fresh)
            ids = self._leading_on(touching)

    def _take(self, ids: set[int], rows: set[int]) -> dict[int, StoredNode]:
        """Take part: these identifiers, and all of these people."""
        self.found.rows |= rows
        fresh = identifiers_of(self._connection, rows)
        fresh.update(identifiers(self._connection, ids - fresh.keys()))
        fresh = {row: node for row, node in fresh.items() if row not in self.found.stored}
        self.found.stored.update(fresh)
        return fresh

    def _edges(self, fresh: Collection[int]) -> list[Edge]:
        touching = evidence.around(self._connection, fresh) if fresh else []
        self.found.edges.update((edge.id, (edge, outcome)) for edge, outcome in touching)
        self._pairs.update((min(edge.a, edge.b), max(edge.a, edge.b)) for edge, _ in touching)
        self.found.is_cut = len(self._pairs) > self._most
        return [edge for edge, _ in touching]

    def _judge(self, fresh: dict[int, StoredNode]) -> None:
        """Make nodes of the identifiers, and of the other ends of links."""
        values = [Value(node.id, node.namespace, node.value) for node in fresh.values()]
        shared = shared_among(self._connection, values, self._rules)
        for node in fresh.values():
            self.found.nodes[node.id] = self._node(node, shared=node.id in shared)
        ends = {
            end
            for edge, _ in self.found.edges.values()
            for end in (edge.a, edge.b, edge.via)
            if end is not None and end not in self.found.nodes
        }
        for node in identifiers(self._connection, ends).values():
            shares = node.shared if node.id not in self.found.asked else node.id in self._still_shared
            self.found.nodes[node.id] = self._node(node, shared=shares)

    def _node(self, stored: StoredNode, *, shared: bool) -> Node:
        rule = self._rules.by_id[stored.namespace]
        return Node(
            id=stored.id,
            namespace=stored.namespace,
            value=stored.value,
            blocked=rule.blocks(stored.value),
            shared=shared,
            present=stored.present or stored.id in self._known.awake,
        )

    def _people(self, fresh: dict[int, StoredNode]) -> set[int]:
        """The people of these identifiers, and of their clusters, that do not take part yet."""
        rows = {node.profile for node in fresh.values() if node.profile is not None} - self.found.rows
        if not rows:
            return rows
        clusters = _numbers(self._connection, _CLUSTERS, rows) - self.found.clusters
        self.found.clusters |= clusters
        return (rows | _numbers(self._connection, _OF_CLUSTERS, clusters)) - self.found.rows

    def _leading_on(self, touching: Iterable[Edge]) -> set[int]:
        """The ends that do not take part yet of links that decide."""
        nodes = self.found.nodes
        return {
            end
            for edge in touching
            if undecided(edge, nodes, self._rules) is None
            for end in (edge.a, edge.b)
            if end not in self.found.stored
        }


def identifiers_of(connection: psycopg.Connection[Any], rows: Collection[int]) -> dict[int, StoredNode]:
    """All identifiers of these people, by id."""
    return _load(connection, _OF_ROWS, rows)


def identifiers(connection: psycopg.Connection[Any], ids: Collection[int]) -> dict[int, StoredNode]:
    """These identifiers."""
    return _load(connection, _BY_ID, ids)


def _load(connection: psycopg.Connection[Any], query: str, ids: Collection[int]) -> dict[int, StoredNode]:
    if not ids:
        return {}
    rows = connection.execute(query, (binary.bigints(sorted(ids)),), binary=True)
    return {row[0]: StoredNode._make(row) for row in rows}


def _numbers(connection: psycopg.Connection[Any], query: str, ids: Collection[int]) -> set[int]:
    if not ids:
        return set()
    return {row for (row,) in connection.execute(query, (binary.bigints(sorted(ids)),), binary=True)}
