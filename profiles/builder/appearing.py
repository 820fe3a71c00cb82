"""Identifiers that join nobody, and stand in an event for the first time.

Texts and aliases may have named them before, which counted for nothing until now; those that join people are decided
anew with all of their evidence instead.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

from profiles.builder import evidence, nodes
from profiles.builder.nodes import Node
from profiles.enums import EvidenceState
from profiles.identity.partition import undecided
from profiles.identity.rules import Rules


def settle(connection: psycopg.Connection[Any], batch: Iterable[Node], rules: Rules) -> set[int]:
    """Have the evidence of such identifiers be what it is from now on; returns their ids.

    Call it when their rows say that they are present.
    """
    appearing = {
        node.id
        for node in batch
        if node.id is not None and node.appears and not node.blocked and not node.resolves
    }
    if not appearing:
        return appearing
    found = evidence.around(connection, appearing)
    ends = {end for edge, _ in found for end in (edge.a, edge.b, edge.via) if end is not None}
    known = {
        node.id: node.in_graph(node.id)
        for node in nodes.by_id(connection, ends, rules)
        if node.id is not None
    }
    changed = {
        edge.id: outcome
        for edge, before in found
        if before.state is not EvidenceState.PENDING
        and (outcome := undecided(edge, known, rules)) is not None
        and outcome != before
    }
    evidence.settle(connection, changed)
    return appearing
