"""Identifiers of a batch as the database has them, and those that are new."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import psycopg

from profiles.builder import binary
from profiles.builder.attempt import Restart
from profiles.identity.evidence import Identifier
from profiles.identity.rules import Rules

if TYPE_CHECKING:
    from profiles.builder.anchors import NewAnchor
    from profiles.builder.person import Person

_FIND = """
SELECT i.namespace_id, i.value, i.id, i.profile_id, i.shared, p.cluster_id
FROM unnest(%s, %s) AS k(namespace_id, value)
JOIN profiles_identifier i ON i.namespace_id = k.namespace_id AND i.value = k.value
LEFT JOIN profiles_profile p ON p.id = i.profile_id
"""
_NEIGHBOURS = """
SELECT i.namespace_id, i.value, i.id, i.profile_id, i.shared, p.cluster_id, e.known, i.first_seen
FROM (
    SELECT a_id AS known, b_id AS id FROM profiles_evidence WHERE a_id = ANY(%(ids)s) AND state <> 'withdrawn'
    UNION
    SELECT b_id, a_id FROM profiles_evidence WHERE b_id = ANY(%(ids)s) AND state <> 'withdrawn'
) e
JOIN profiles_identifier i ON i.id = e.id
LEFT JOIN profiles_profile p ON p.id = i.profile_id
"""
_INSERT = """
INSERT INTO profiles_identifier (namespace_id, value, profile_id, shared, first_seen)
SELECT * FROM unnest(%s, %s, %s, array_fill(false, ARRAY[%s]), %s)
ON CONFLICT (namespace_id, value) DO NOTHING
RETURNING namespace_id, value, id
"""
_LOCK_HOMELESS = """
SELECT id FROM profiles_identifier
WHERE id = ANY(%s) AND profile_id IS NULL AND NOT shared ORDER BY id FOR UPDATE
"""
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
    )

    def __init__(self, identifier: Identifier, rules: Rules) -> None:
        rule = rules.by_id[identifier.namespace]
        self.identifier = identifier
        self.blocked = rule.blocks(identifier.value)
        self.level_resolves = rule.level.resolves
        self.id: int | None = None
        self.stored: int | None = None
        self.cluster: int | None = None
        self.shared = False
        self.present = False  # stands in an event, not only in an alias
        self.is_new = False
        self.time = 0
        self.person: Person | None = None
        self.anchors: list[NewAnchor] = []

    def __lt__(self, other: "Node") -> bool:
        return self.identifier < other.identifier

    @property
    def homeless(self) -> bool:
        """Known, fit to join people, and yet nobody's: only an alias named it so far."""
        return self.id is not None and self.stored is None and self.fit and not self.shared

    @property
    def fit(self) -> bool:
        """Whether the rules let values of this kind join people."""
        return self.level_resolves and not self.blocked

    @property
    def resolves(self) -> bool:
        """Whether it joins people now."""
        return self.fit and not self.shared and (self.present or self.stored is not None)

    def known_as(self, row: tuple[Any, ...]) -> None:
        """Take over what its row says: id, profile, shared, cluster."""
        self.id, self.stored, self.shared, self.cluster = row


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
    for row in connection.execute(_NEIGHBOURS, {"ids": ids}, binary=True):
        other = Node(Identifier(row[0], row[1]), rules)
        other.known_as(row[2:6])
        other.time = binary.microseconds(row[7])
        found.append((row[6], other))
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
        len(ordered),
        binary.times([node.time for node in ordered]),
    )
    rows = connection.execute(_INSERT, parameters, binary=True).fetchall()
    if len(rows) < len(ordered):
        raise Restart
    for namespace, value, row_id in rows:
        node = by_identifier[Identifier(namespace, value)]
        node.id, node.is_new = row_id, True


def lock_homeless(connection: psycopg.Connection[Any], nodes: Iterable[Node]) -> None:
    """Lock nodes that have no profile whose lock would do. Raises Restart when they have got one."""
    ids = sorted(node.id for node in nodes if node.id is not None)
    if ids and len(connection.execute(_LOCK_HOMELESS, (ids,)).fetchall()) < len(ids):
        raise Restart


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
