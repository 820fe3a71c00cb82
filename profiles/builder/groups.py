"""What of a batch has to be decided together."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING

from profiles.builder.attempt import Widen
from profiles.builder.nodes import Node
from profiles.identity.evidence import Identifier

if TYPE_CHECKING:
    from profiles.builder.closure import Closure


class Way(Enum):
    """How a group is decided."""

    PLAIN = auto()  # all of it is one person
    ALONE = auto()  # its new links sort after all others of its cluster
    REPLAY = auto()  # from all evidence of everybody in it
    DEFERRED = auto()  # in the background: that is too much while others wait


class Group:
    """Identifiers, and the profile rows and clusters that hold them, which the batch's links connect.

    `row` is what new identifiers are provisionally given to; `cluster` is that of a person who was decided alone.
    """

    __slots__ = ("closure", "cluster", "clusters", "nodes", "row", "rows", "way")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.rows: set[int] = set()
        self.clusters: set[int] = set()
        self.row: int = 0
        self.way = Way.PLAIN
        self.closure: Closure | None = None
        self.cluster: int | None = None

    def replay(self) -> None:
        """Have it decided anew: a rule may forbid the plain union, or has before.

        Raises Widen when not all of it is locked, because it should have been decided alone.
        """
        if self.way is Way.ALONE:
            raise Widen(self.nodes[0].identifier)
        if self.way is not Way.DEFERRED:
            self.way = Way.REPLAY


def group(
    nodes: Iterable[Node], links: Iterable[tuple[Node, Node]], wider: Mapping[Identifier, Widen]
) -> list[Group]:
    """The groups of all nodes that resolve; `wider` is what else an identifier was found to be decided with."""
    resolving = [node for node in nodes if node.resolves]
    sets = Sets()
    for node in resolving:
        sets.find(node.identifier)
        if node.stored is not None:
            sets.join(node.identifier, ("row", node.stored))
        if node.cluster is not None:
            sets.join(node.identifier, ("cluster", node.cluster))
        if found := wider.get(node.identifier):
            for row in found.rows:
                sets.join(node.identifier, ("row", row))
            for cluster in found.clusters:
                sets.join(node.identifier, ("cluster", cluster))
    for a, b in links:
        if a.resolves and b.resolves:
            sets.join(a.identifier, b.identifier)
    return _collect(resolving, sets, wider)


def _collect(nodes: Iterable[Node], sets: "Sets", wider: Mapping[Identifier, Widen]) -> list[Group]:
    groups: dict[Hashable, Group] = defaultdict(Group)
    for node in nodes:
        each = groups[sets.find(node.identifier)]
        each.nodes.append(node)
        if node.stored is not None:
            each.rows.add(node.stored)
        if node.cluster is not None:
            each.clusters.add(node.cluster)
        if found := wider.get(node.identifier):
            each.rows |= found.rows
            each.clusters |= found.clusters
            is_deferred = found.is_too_much or each.way is Way.DEFERRED
            each.way = Way.DEFERRED if is_deferred else Way.REPLAY
    return list(groups.values())


class Sets:
    """Union-find that makes its members as they are named."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def find(self, each: Hashable) -> Hashable:
        """The representative of its set."""
        parent = self._parent
        root = parent.setdefault(each, each)
        while parent[root] != root:
            parent[root] = parent[parent[root]]
            root = parent[root]
        return root

    def join(self, a: Hashable, b: Hashable) -> None:
        """Make their sets one."""
        self._parent[self.find(a)] = self.find(b)
