"""Which links made two people one, kept so that a merge can explain itself."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.builder.cause import Cause

if TYPE_CHECKING:
    from profiles.builder.outcome import Merge

MOST_LINKS = 50  # a chain keeps its ends: so many links from each
_END = MOST_LINKS // 2

_STORE = """
INSERT INTO profiles_merge (source, target, evidence, merged_at, cause, change_id, decided_by)
SELECT source, target, (%s)[first:last], %s, %s, %s, %s
FROM unnest(%s, %s, %s, %s) AS k(source, target, first, last)
"""


class Vertex(NamedTuple):
    """An end of a link: the profile row that an identifier had before the batch, else the identifier itself."""

    row: int | None
    identifier: int | None


def vertex(identifier: int, row: int | None) -> Vertex:
    """Where an identifier stands when all that one person already had is one."""
    return Vertex(None, identifier) if row is None else Vertex(row, None)


class Chains:
    """Links (by the id of their evidence) between people and new identifiers."""

    def __init__(self, links: Iterable[tuple[int, Vertex, Vertex]]) -> None:
        self._around: Mapping[Vertex, list[tuple[int, Vertex]]] = defaultdict(list)
        for evidence, a, b in sorted(links):
            self._around[a].append((evidence, b))
            self._around[b].append((evidence, a))

    def tree(self, row: int) -> "Tree":
        """The shortest chains from this profile row to all others that it reaches: one search for all of them."""
        start = Vertex(row, None)
        tree = Tree(start)
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for evidence, there in self._around.get(here, ()):
                if tree.grow(here, evidence, there):
                    waiting.append(there)
        return tree


class Tree:
    """Shortest chains that begin at one vertex."""

    def __init__(self, root: Vertex) -> None:
        self._came: dict[Vertex, tuple[int, Vertex]] = {}
        self._first: dict[Vertex, tuple[int, ...]] = {root: ()}  # the first links of the chain to it
        self._depth = {root: 0}

    def grow(self, here: Vertex, evidence: int, there: Vertex) -> bool:
        """Reach a vertex by a link from one that was reached. False: it was reached before."""
        if there in self._depth:
            return False
        first = self._first[here]
        self._came[there] = (evidence, here)
        self._depth[there] = self._depth[here] + 1
        self._first[there] = (*first, evidence) if len(first) < _END else first
        return True

    def chain(self, row: int) -> list[int]:
        """The links that lead to this profile row, the root's end first; of a long chain both its ends."""
        end = Vertex(row, None)
        if end not in self._depth:
            return []
        short = self._depth[end] <= MOST_LINKS
        step, back = end, []
        for _ in range(self._depth[end] if short else _END):
            evidence, step = self._came[step]
            back.append(evidence)
        return back[::-1] if short else [*self._first[end], *reversed(back)]


def store(
    connection: psycopg.Connection[Any], merges: Sequence["Merge"], cause: Cause, now: datetime
) -> None:
    """Keep these merges."""
    if not merges:
        return
    links: list[int] = []
    first, last = [], []
    for merge in merges:
        first.append(len(links) + 1)
        links += merge.evidence
        last.append(len(links))
    parameters = (
        binary.bigints(links),
        now,
        *cause.columns,
        binary.uuids([binary.uuid_bytes(merge.source) for merge in merges]),
        binary.uuids([binary.uuid_bytes(merge.target.public_id) for merge in merges]),
        binary.integers(first),
        binary.integers(last),
    )
    connection.execute(_STORE, parameters)
