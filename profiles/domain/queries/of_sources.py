"""What sources that an actor may see know of people: who is there for them, and by which identifiers.

Whoever sees all sources costs no statement. Each question is one statement for all people of a page, answered by index: the
sources of each anchor, and the evidence of each identifier, of which one from such a source is enough. While there is a gap in
what anchors know of their sources (`profiles.models.SourceGap`), the events of each anchor are asked instead.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from compliance.access import Actor
from compliance.sources import source_ids
from profiles.domain.queries.statements import Row, fetch
from profiles.identity.values import plain
from streaming.prepared import run_prepared

Run = Callable[[str, Mapping[str, Any]], list[Row]]

# A row of nothing says that there is a gap, so that the others say too little.
_UNLESS_GAP = "SELECT {nothing} WHERE EXISTS (SELECT FROM profiles_sourcegap) UNION ALL ({query})"
_BY_SOURCES = "a.sources && %s::int[]"
_BY_EVENTS = """EXISTS (
    SELECT FROM (
        SELECT FROM profiles_timeline t WHERE t.anchor_id = a.id AND t.source_id = ANY(%s::int[]) LIMIT 1
    ) t
)"""
_KNOWN = """
SELECT p.row FROM unnest(%s::bigint[]) AS p(row) CROSS JOIN LATERAL (
    SELECT FROM profiles_anchor a WHERE a.profile_id = p.row AND {told} LIMIT 1
) a
"""
# An anchor is of whoever has the identifier that it lives with: so it is found by them, or among those of nobody.
_TOLD = """(
    EXISTS (SELECT FROM profiles_evidence e WHERE e.a_id = i.id AND e.source_id = ANY(%s::int[]))
    OR EXISTS (SELECT FROM profiles_evidence e WHERE e.b_id = i.id AND e.source_id = ANY(%s::int[]))
    OR i.id IN (SELECT a.home_id FROM profiles_anchor a WHERE a.profile_id = ANY({people}) AND {told})
    OR (i.profile_id IS NULL AND EXISTS (
        SELECT FROM profiles_anchor a WHERE a.home_id = i.id AND a.profile_id IS NULL AND {told}
    ))
)"""
_THEIRS = "ARRAY(SELECT o.profile_id FROM profiles_identifier o WHERE o.id = ANY(%s::bigint[]))"
_AMONG = f"SELECT i.id FROM profiles_identifier i WHERE i.id = ANY(%s::bigint[]) AND {_TOLD}".replace(
    "{people}", _THEIRS
)
_OF_PEOPLE = f"""
SELECT i.profile_id, n.key, i.value FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = ANY(%s::bigint[]) AND {_TOLD}
""".replace("{people}", "%s::bigint[]")
_ALSO_KNOWN = """AND EXISTS (
    SELECT FROM profiles_anchor a WHERE a.profile_id = {person} AND a.sources && %(sources)s::int[]
)"""


class Listed(NamedTuple):
    """Rows of a list of people. `are_known`: a source that the actor may see knows each of them, and need not be asked."""

    rows: list[Row]
    are_known: bool


def listed(
    actor: Actor, query: str, parameters: Mapping[str, Any], *, person: str, width: int = 1, run: Run = fetch
) -> Listed:
    """The rows of a list, of those whom such a source knows: found by what the list wants and by the sources at once.

    `query` has `width` columns, and `{known}` as the last of its conditions; `person` is the column of the person's row.
    While there is a gap all are there, and `known_to` says which are known.
    """
    sources = source_ids(actor)
    if sources is None:
        return Listed(run(query.format(known=""), parameters), are_known=True)
    if not sources:
        return Listed([], are_known=True)
    narrowed = query.format(known=_ALSO_KNOWN.format(person=person))
    rows = run(_unless_gap(narrowed, width), {**parameters, "sources": sources})
    if _has_gap(rows):
        return Listed(run(query.format(known=""), parameters), are_known=False)
    return Listed(rows, are_known=True)


def known_to(actor: Actor, rows: Collection[int]) -> set[int]:
    """Those of these people of whom an event came from a source that the actor may see."""
    sources = source_ids(actor)
    if sources is None or not rows:
        return set(rows)
    return {row for (row,) in _ask(_KNOWN, 1, [list(rows), sources])}


def identifiers_among(actor: Actor, ids: Collection[int]) -> AbstractSet[int]:
    """Those of these identifiers (rows) that such a source told."""
    sources = source_ids(actor)
    if sources is None or not ids:
        return set(ids)
    asked = list(ids)
    return {row for (row,) in _ask(_AMONG, 1, [asked, sources, sources, asked, sources, sources])}


def identifiers_known(
    actor: Actor, rows: Collection[int]
) -> Mapping[int, AbstractSet[tuple[str, str]]] | None:
    """The identifiers of each of these people that such a source told; None for who sees all sources."""
    sources = source_ids(actor)
    if sources is None:
        return None
    told: dict[int, set[tuple[str, str]]] = defaultdict(set)
    asked = list(rows)
    given = [asked, sources, sources, asked, sources, sources]
    for row, key, value in _ask(_OF_PEOPLE, 3, given) if asked else ():
        told[row].add((key, value))
    return told


def has_identifier(actor: Actor, row: int, namespace: str, value: str) -> bool:
    """Whether such a source told that this person has the identifier."""
    known = identifiers_known(actor, [row])
    return known is None or any(key == namespace and plain(written) == value for key, written in known[row])


def _ask(query: str, width: int, parameters: Sequence[Any]) -> list[Row]:
    """By what anchors know of their sources; while there is a gap by their events, the slow way."""
    rows = run_prepared(_unless_gap(query.format(told=_BY_SOURCES), width), parameters)
    return fetch(query.format(told=_BY_EVENTS), parameters) if _has_gap(rows) else rows


def _unless_gap(query: str, width: int) -> str:
    return _UNLESS_GAP.format(nothing=", ".join(["NULL"] * width), query=query)


def _has_gap(rows: Sequence[Row]) -> bool:
    return any(row[0] is None for row in rows)
