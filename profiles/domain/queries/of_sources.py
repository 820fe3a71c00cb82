"""What sources that an actor may see know of people: who is there for them, and by which identifiers.

Whoever sees all sources costs no statement. Each question is one statement for all people of a page, answered by index: the
sources of each anchor, and the evidence of each identifier, of which one from such a source is enough. While there is a gap in
what anchors know of their sources (`profiles.models.SourceGap`), the events of each anchor are asked instead.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from compliance.access import Actor
from compliance.sources import source_ids
from streaming.database import Row, fetch
from streaming.prepared import run_prepared


class _Question:
    """A statement by what anchors know of their sources, which says where there is a gap, and the slow one by events."""

    def __init__(self, query: str, width: int) -> None:
        self._quick = _unless_gap(query.format(told=_BY_SOURCES), width)
        self._slow = query.format(told=_BY_EVENTS)

    def ask(self, parameters: Sequence[Any]) -> list[Row]:
        """The rows."""
        rows = run_prepared(self._quick, parameters)
        return fetch(self._slow, parameters) if _has_gap(rows) else rows


def _unless_gap(query: str, width: int) -> str:
    return _UNLESS_GAP.format(nothing=", ".join(["NULL"] * width), query=query)


def _has_gap(rows: Sequence[Row]) -> bool:
    return bool(rows) and (None,) * len(rows[0]) in rows


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
# Who is known, each once without an identifier, and what was told of them.
_OF_PEOPLE = f"""
{_KNOWN.replace("p.row FROM", "p.row, NULL::text, NULL::text, NULL::bigint FROM")}
UNION ALL
SELECT i.profile_id, n.key, i.value, i.id FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = ANY(%s::bigint[]) AND {_TOLD}
""".replace("{people}", "%s::bigint[]")
_ALSO_KNOWN = """AND EXISTS (
    SELECT FROM profiles_anchor a WHERE a.profile_id = {person} AND a.sources && %(sources)s::int[]
)"""


_WHO_IS_KNOWN, _WHICH, _ALL = _Question(_KNOWN, 1), _Question(_AMONG, 1), _Question(_OF_PEOPLE, 4)


class Told(NamedTuple):
    """What such sources know of some people: who of them is known, and which identifiers were told, by row and in all."""

    known: set[int]
    identifiers: Mapping[int, AbstractSet[tuple[str, str]]]
    ids: set[int]


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
    return {row for (row,) in _WHO_IS_KNOWN.ask([_array(rows), _array(sources)])}


def identifiers_among(actor: Actor, ids: Collection[int]) -> AbstractSet[int]:
    """Those of these identifiers (rows) that such a source told."""
    sources = source_ids(actor)
    if sources is None or not ids:
        return set(ids)
    asked, these = _array(ids), _array(sources)
    return {row for (row,) in _WHICH.ask([asked, these, these, asked, these, these])}


def told_of(actor: Actor, rows: Collection[int]) -> Told | None:
    """What such sources know of these people, in one statement; None for who sees all sources."""
    sources = source_ids(actor)
    if sources is None:
        return None
    asked, these = _array(rows), _array(sources)
    identifiers: dict[int, set[tuple[str, str]]] = {row: set() for row in rows}
    told = Told(set(), identifiers, set())
    given = [asked, these, asked, these, these, asked, these, these]
    for row, key, value, identity in _ALL.ask(given) if identifiers else ():
        if identity is None:
            told.known.add(row)
        else:
            identifiers[row].add((key, value))
            told.ids.add(identity)
    return told


def _array(ids: Iterable[int]) -> str:
    """As PostgreSQL reads it: made once, however often it stands in a statement."""
    return f"{{{','.join(map(str, ids))}}}"
