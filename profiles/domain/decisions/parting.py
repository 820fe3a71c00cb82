"""Whether evidence still holds identifiers together, where so much hangs together that people follow later."""

from collections.abc import Collection
from typing import Any

import psycopg

from profiles.builder.closure import closure
from profiles.builder.reconsider import plain_cursors
from profiles.domain.decisions.evidence import Pair
from profiles.identity.partition import partition
from profiles.identity.rules import Rules

MOST_EDGES = 500_000  # that are read into memory for one decision


def parted(connection: psycopg.Connection[Any], rules: Rules, pairs: Collection[Pair]) -> set[Pair]:
    """The pairs whose two identifiers are two people by the evidence as it stands; none of what is larger still."""
    ends = {end for pair in pairs for end in pair}
    with plain_cursors(connection):
        found = closure(connection, ends, rules, most_edges=MOST_EDGES)
    if found.is_cut:
        return set()
    decided = partition(found.nodes, [edge for edge, _ in found.edges.values()], rules)
    home = {node: number for number, members in enumerate(decided.people) for node in members & ends}
    return {(a, b) for a, b in pairs if a in home and b in home and home[a] != home[b]}
