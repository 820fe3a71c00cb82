"""What of a batch has to be decided together."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

from profiles.builder.nodes import Node


class Group:
    """Identifiers, and the profile rows and clusters that hold them, which the batch's links connect.

    `replay` says that the plain union of all will not do: a rule may forbid it, or has before.
    """

    __slots__ = ("clusters", "nodes", "replay", "row", "rows")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.rows: set[int] = set()
        self.clusters: set[int] = set()
        self.row: int = 0  # the row that new identifiers are provisionally given to
        self.replay = False


def group(nodes: Iterable[Node], links: Iterable[tuple[Node, Node]]) -> list[Group]:
    """The groups of all nodes that resolve."""
    resolving = [node for node in nodes if node.resolves]
    sets = Sets()
    for node in resolving:
        sets.find(node.identifier)
        if node.stored is not None:
            sets.join(node.identifier, ("row", node.stored))
        if node.cluster is not None:
            sets.join(node.identifier, ("cluster", node.cluster))
    for a, b in links:
        if a.resolves and b.resolves:
            sets.join(a.identifier, b.identifier)
    return _collect(resolving, sets)


def _collect(nodes: Iterable[Node], sets: "Sets") -> list[Group]:
    groups: dict[Hashable, Group] = defaultdict(Group)
    for node in nodes:
        each = groups[sets.find(node.identifier)]
        each.nodes.append(node)
        if node.stored is not None:
            each.rows.add(node.stored)
        if node.cluster is not None:
            each.clusters.add(node.cluster)
            each.replay = True
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
