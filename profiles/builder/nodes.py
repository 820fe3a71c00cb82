"""Identifiers of a batch as the database has them, and those that are new."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import psycopg

from profiles.builder import binary
from profiles.builder.attempt import Restart
from profiles.enums import EvidenceState
from profiles.identity import evidence as graph
from profiles.identity.evidence import Identifier
from profiles.identity.rules import Rules

if TYPE_CHECKING:
    from profiles.builder.anchors import NewAnchor
    from profiles.builder.person import Person

_FIND = """
SELECT i.namespace_id, i.value, i.id, i.profile_id, i.shared, i.present, p.cluster_id
FROM unnest(%s, %s) AS k(namespace_id, value)
JOIN profiles_identifier i ON i.namespace_id = k.namespace_id AND i.value = k.value
LEFT JOIN profiles_profile p ON p.id = i.profile_id
"""
_NEIGHBOURS = """
SELECT i.namespace_id, i.value, i.id, i.profile_id, i.shared, i.present, p.cluster_id, e.known, i.first_seen
FROM (
    SELECT a_id AS known, b_id AS id FROM profiles_evidence WHERE a_id = ANY(%(ids)s) AND state <> ALL(%(aside)s)
    UNION
    SELECT b_id, a_id FROM profiles_evidence WHERE b_id = ANY(%(ids)s) AND state <> ALL(%(aside)s)
) e
JOIN profiles_identifier i ON i.id = e.id
LEFT JOIN profiles_profile p ON p.id = i.profile_id
"""
_BY_ID = """
SELECT i.namespace_id, i.value, i.id, i.profile_id, i.shared, i.present, p.cluster_id, i.first_seen
FROM profiles_identifier i LEFT JOIN profiles_profile p ON p.id = i.profile_id WHERE i.id = ANY(%s)
"""
_INSERT = """
INSERT INTO profiles_identifier (namespace_id, value, profile_id, shared, present, first_seen)
SELECT * FROM unnest(%s, %s, %s, %s::boolean[], %s::boolean[], %s)
ON CONFLICT (namespace_id, value) DO NOTHING
RETURNING namespace_id, value, id
"""
_LOCK_LOOSE = """
SELECT id, profile_id IS NULL AND NOT shared FROM profiles_identifier WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""
_LOCK_BY_ID = "SELECT id FROM profiles_identifier WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
# Many batches may have new links of a shared value, but nobody then decides that it is not shared any more.
_LOCK_SHARED = "SELECT id FROM profiles_identifier WHERE id = ANY(%s) AND shared ORDER BY id FOR SHARE"
_APPEAR = "UPDATE profiles_identifier SET present = true WHERE id = ANY(%s)"
_MOVE = """
UPDATE profiles_identifier i SET profile_id = m.profile_id, shared = m.shared
FROM unnest(%s, %s, %s::boolean[]) AS m(id, profile_id, shared) WHERE i.id = m.id
"""
_SEEN_EARLIER = """
UPDATE profiles_identifier i SET first_seen = m.first_seen
FROM unnest(%s, %s) AS m(id, first_seen) WHERE i.id = m.id AND m.first_seen < i.first_seen
"""


class Node:
    """An identifier of the batch. `stored` is the profile row that its own row names, `person` who has it now.

    `present` says that it stands in an event, not only in an alias, and `was_present` that its row says so; likewise
    for `shared`.
    `anchors` are the new ones that live with it.
    """

    __slots__ = (
        "anchors",
        "blocked",
        "cluster",
        "id",
        "identifier",
        "is_new",
        "level_resolves",
        "person",
        "present",
        "shared",
        "stored",
        "time",
        "was_present",
        "was_shared",
    )

    def __init__(self, identifier: Identifier, rules: Rules) -> None:
        rule = rules.by_id[identifier.namespace]
        self.identifier = identifier
        self.blocked = rule.blocks(identifier.value)
        self.level_resolves = rule.level.resolves
        self.id: int | None = None
        self.stored: int | None = None
        self.cluster: int | None = None
        self.shared = not self.blocked and rule.shares(identifier.value)
        self.present = False
        self.was_present = False
        self.was_shared = False
        self.is_new = False
        self.time = 0
        self.person: Person | None = None
        self.anchors: list[NewAnchor] = []

    def __lt__(self, other: "Node") -> bool:
        return self.identifier < other.identifier

    def in_graph(self, number: int) -> graph.Node:
        """As the pure function knows it, by this number."""
        return graph.Node(
            number,
            self.identifier.namespace,
            self.identifier.value,
            blocked=self.blocked,
            shared=self.shared,
            present=self.present,
        )

    @property
    def homeless(self) -> bool:
        """Known, fit to join people, and yet nobody's: only an alias named it, or it was blocked until now."""
        return self.id is not None and self.stored is None and self.fit and not self.shared

    @property
    def fit(self) -> bool:
        """Whether the rules let values of this kind join people."""
        return self.level_resolves and not self.blocked

    @property
    def resolves(self) -> bool:
        """Whether it joins people now."""
        return self.fit and not self.shared and self.present

    @property
    def appears(self) -> bool:
        """Known from aliases only, and now in an event."""
        return self.id is not None and self.present and not self.was_present

    def known_as(self, row: tuple[Any, ...]) -> None:
        """Take over what its row says: id, profile, shared, present, cluster."""
        self.id, self.stored, self.was_shared, self.was_present, self.cluster = row
        self.shared = self.shared or self.was_shared
        self.present = self.present or self.was_present


def find(connection: psycopg.Connection[Any], nodes: Collection[Node]) -> None:
    """Tell the nodes that exist what their rows say."""
    by_identifier = {node.identifier: node for node in nodes}
    parameters = (
        binary.smallints([identifier.namespace for identifier in by_identifier]),
        binary.texts([identifier.value for identifier in by_identifier]),
    )
    for row in connection.execute(_FIND, parameters, binary=True):
        by_identifier[Identifier(row[0], row[1])].known_as(row[2:])


def neighbours(
    connection: psycopg.Connection[Any], nodes: Iterable[Node], rules: Rules
) -> list[tuple[int, Node]]:
    """What stored evidence links to these nodes: (id of the node, the other end)."""
    ids = [node.id for node in nodes if node.id is not None]
    if not ids:
        return []
    found = []
    aside = [state.value for state in EvidenceState if not state.takes_part]
    for row in connection.execute(_NEIGHBOURS, {"ids": ids, "aside": aside}, binary=True):
        other = Node(Identifier(row[0], row[1]), rules)
        other.known_as(row[2:7])
        other.time = binary.microseconds(row[8])
        found.append((row[7], other))
    return found


def by_id(connection: psycopg.Connection[Any], ids: Collection[int], rules: Rules) -> list[Node]:
    """These identifiers as their rows have them."""
    found = []
    for row in connection.execute(_BY_ID, (binary.bigints(sorted(ids)),), binary=True):
        node = Node(Identifier(row[0], row[1]), rules)
        node.known_as(row[2:7])
        node.time = binary.microseconds(row[7])
        found.append(node)
    return found


def insert(connection: psycopg.Connection[Any], nodes: Collection[Node]) -> None:
    """Store new nodes with their provisional profiles, in order. Raises Restart when another was faster."""
    ordered = sorted(nodes)
    if not ordered:
        return
    by_identifier = {node.identifier: node for node in ordered}
    parameters = (
        binary.smallints([node.identifier.namespace for node in ordered]),
        binary.texts([node.identifier.value for node in ordered]),
        binary.bigints([node.stored for node in ordered]),
        [node.shared for node in ordered],
        [node.present for node in ordered],
        binary.times([node.time for node in ordered]),
    )
    rows = connection.execute(_INSERT, parameters, binary=True).fetchall()
    if len(rows) < len(ordered):
        raise Restart
    for namespace, value, row_id in rows:
        node = by_identifier[Identifier(namespace, value)]
        node.id, node.is_new, node.was_present = row_id, True, node.present


def lock_loose(connection: psycopg.Connection[Any], nodes: Iterable[Node]) -> None:
    """Lock those nodes that no profile's lock would do for, and have those in events appear there.

    Raises Restart when a homeless one has got a profile.
    """
    loose = {node.id: node for node in nodes if node.homeless or node.appears}
    if not loose:
        return
    rows = connection.execute(_LOCK_LOOSE, (sorted(loose),)).fetchall()  # type: ignore[type-var]  # all have rows
    if any(loose[row].homeless and not still_homeless for row, still_homeless in rows):
        raise Restart
    if appearing := sorted(row for row, _ in rows if loose[row].appears):
        connection.execute(_APPEAR, (appearing,))


def lock_shared(connection: psycopg.Connection[Any], nodes: Iterable[Node]) -> None:
    """Have those nodes stay shared until the transaction ends that are. Raises Restart when one no longer is."""
    ids = sorted({node.id for node in nodes if node.id is not None and node.was_shared})
    if ids and len(connection.execute(_LOCK_SHARED, (binary.bigints(ids),)).fetchall()) < len(ids):
        raise Restart


def lock_by_id(connection: psycopg.Connection[Any], ids: Collection[int]) -> None:
    """Lock these identifiers, whom nobody has."""
    if ids:
        connection.execute(_LOCK_BY_ID, (binary.bigints(sorted(ids)),))


def move(connection: psycopg.Connection[Any], moves: Collection[tuple[int, int | None, bool]]) -> None:
    """Give identifiers (by id) to profile rows, and say whether they are shared."""
    if moves:
        ids, profiles, shared = zip(*sorted(moves), strict=True)
        connection.execute(_MOVE, (binary.bigints(ids), binary.bigints(profiles), list(shared)))


def seen_earlier(connection: psycopg.Connection[Any], nodes: Iterable[Node]) -> None:
    """Lower the first times of known nodes."""
    ordered = sorted((node.id, node.time) for node in nodes if node.id is not None)
    if ordered:
        ids, times = zip(*ordered, strict=True)
        connection.execute(_SEEN_EARLIER, (binary.bigints(ids), binary.times(times)))
