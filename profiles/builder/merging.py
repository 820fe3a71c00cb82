"""Which links made two people one, kept so that a merge can explain itself."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

if TYPE_CHECKING:
    from profiles.builder.outcome import Merge

_STORE = """
INSERT INTO profiles_merge (source, target, evidence, merged_at) VALUES (%s::uuid, %s::uuid, %s::bigint[], %s)
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

    def between(self, row: int, other: int) -> list[int]:
        """The shortest chain of links from the one profile row to the other."""
        start, end = Vertex(row, None), Vertex(other, None)
        came: dict[Vertex, tuple[int, Vertex] | None] = {start: None}
        waiting = deque([start])
        while waiting and end not in came:
            here = waiting.popleft()
            for evidence, there in self._around.get(here, ()):
                if there not in came:
                    came[there] = (evidence, here)
                    waiting.append(there)
        return _walk_back(came, end)


def _walk_back(came: Mapping[Vertex, tuple[int, Vertex] | None], end: Vertex) -> list[int]:
    chain = []
    step = came.get(end)
    while step is not None:
        chain.append(step[0])
        step = came[step[1]]
    return chain[::-1]


def store(connection: psycopg.Connection[Any], merges: Sequence["Merge"], now: datetime) -> None:
    """Keep these merges."""
    if merges:
        rows = [(each.source, each.target.public_id, each.evidence, now) for each in merges]
        connection.cursor().executemany(_STORE, rows)
