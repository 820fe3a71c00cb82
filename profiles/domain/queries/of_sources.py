"""What sources that an actor may see know of people: who is there for them, and by which identifiers.

Whoever sees all sources costs no statement. Each question is one statement for all people of a page, answered by index:
the events of each anchor and the evidence of each identifier, of which one from such a source is enough.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

from compliance.access import Actor
from compliance.sources import source_ids
from profiles.domain.queries.statements import fetch
from profiles.identity.values import plain

_KNOWN = """
SELECT p.row FROM unnest(%(rows)s::bigint[]) AS p(row) WHERE EXISTS (
    SELECT FROM profiles_anchor a CROSS JOIN LATERAL (
        SELECT FROM profiles_timeline t WHERE t.anchor_id = a.id AND t.source_id = ANY(%(sources)s) LIMIT 1
    ) t WHERE a.profile_id = p.row
)
"""
_TOLD = """(
    EXISTS (SELECT FROM profiles_evidence e WHERE e.a_id = i.id AND e.source_id = ANY(%(sources)s))
    OR EXISTS (SELECT FROM profiles_evidence e WHERE e.b_id = i.id AND e.source_id = ANY(%(sources)s))
    OR EXISTS (
        SELECT FROM profiles_anchor a CROSS JOIN LATERAL (
            SELECT FROM profiles_timeline t WHERE t.anchor_id = a.id AND t.source_id = ANY(%(sources)s) LIMIT 1
        ) t WHERE a.home_id = i.id
    )
)"""
_AMONG = f"SELECT i.id FROM profiles_identifier i WHERE i.id = ANY(%(ids)s) AND {_TOLD}"
_OF_PEOPLE = f"""
SELECT i.profile_id, n.key, i.value FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = ANY(%(rows)s) AND {_TOLD}
"""


def known_to(actor: Actor, rows: Collection[int]) -> set[int]:
    """Those of these people of whom an event came from a source that the actor may see."""
    sources = source_ids(actor)
    if sources is None or not rows:
        return set(rows)
    return {row for (row,) in fetch(_KNOWN, {"rows": list(rows), "sources": sources})}


def identifiers_among(actor: Actor, ids: Collection[int]) -> AbstractSet[int]:
    """Those of these identifiers (rows) that such a source told."""
    sources = source_ids(actor)
    if sources is None or not ids:
        return set(ids)
    return {row for (row,) in fetch(_AMONG, {"ids": list(ids), "sources": sources})}


def identifiers_known(
    actor: Actor, rows: Collection[int]
) -> Mapping[int, AbstractSet[tuple[str, str]]] | None:
    """The identifiers of each of these people that such a source told; None for who sees all sources."""
    sources = source_ids(actor)
    if sources is None:
        return None
    told: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for row, key, value in fetch(_OF_PEOPLE, {"rows": list(rows), "sources": sources}) if rows else ():
        told[row].add((key, value))
    return told


def has_identifier(actor: Actor, row: int, namespace: str, value: str) -> bool:
    """Whether such a source told that this person has the identifier."""
    known = identifiers_known(actor, [row])
    return known is None or any(key == namespace and plain(written) == value for key, written in known[row])
