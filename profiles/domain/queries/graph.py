"""The identity graph of a person: their identifiers, what links them, what was refused, and where people became one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.namespaces import rules
from profiles.domain.queries.finding import HELD_IDS
from profiles.domain.queries.graph_elements import Bundle, Graph, GraphLink, GraphNode, Tie
from profiles.domain.queries.identifiers import Standing
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.of_sources import identifiers_among
from profiles.domain.queries.permission import holder_for
from profiles.enums import Level
from profiles.identity.rules import Rules
from streaming.database import Row, fetch

MOST_OWN = 60  # identifiers that are drawn one by one; the others come as "n more"
MOST_OTHERS = 40  # values beside the person: groups, shared values, other people's
MOST_READ = 10_000  # identifiers, and pieces of evidence on either side

_COLUMNS = "i.id, i.namespace_id, n.key, n.name, i.value, n.level, i.shared, i.first_seen"
_OWN = f"""
SELECT {_COLUMNS}, NULL::uuid FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = %(row)s ORDER BY n.priority, i.first_seen, i.id LIMIT %(most)s
"""
_MORE = f"""
SELECT n.id, n.key, n.name, n.level, count(*) FROM (
    SELECT namespace_id FROM profiles_identifier WHERE profile_id = %(row)s AND id <> ALL(%(shown)s) LIMIT {MOST_READ}
) i JOIN profiles_namespace n ON n.id = i.namespace_id GROUP BY n.id ORDER BY n.priority, n.id
"""
_OTHERS = f"""
SELECT {_COLUMNS}, p.public_id FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
LEFT JOIN profiles_profile p ON p.id = i.profile_id
WHERE i.id = ANY(%s) ORDER BY n.priority, i.first_seen, i.id
"""
# What stands between two identifiers is one line. An own one that is not drawn by itself stands for all of its
# namespace, as minus the number of that; of what is beside the person only some are taken.
_LINES = f"""
WITH own AS MATERIALIZED (SELECT id, namespace_id FROM profiles_identifier WHERE profile_id = %(row)s),
touching AS (
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.a_id = own.id LIMIT {MOST_READ})
    UNION
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.b_id = own.id LIMIT {MOST_READ})
),
pairs AS MATERIALIZED (
    SELECT least(a_id, b_id) AS a, greatest(a_id, b_id) AS b, array_agg(id ORDER BY event_time, id) AS evidence,
        min(array_position(%(ties)s,
            CASE WHEN rule = 'keep_apart' AND state <> 'withdrawn' THEN 'kept_apart' ELSE state END::text)) AS tie,
        count(DISTINCT source_id) AS sources, min(event_time) AS first_at
    FROM touching WHERE state <> 'beside' GROUP BY 1, 2
),
ends AS MATERIALIZED (
    SELECT pairs.*, a_own.namespace_id AS a_of, b_own.namespace_id AS b_of
    FROM pairs LEFT JOIN own a_own ON a_own.id = pairs.a LEFT JOIN own b_own ON b_own.id = pairs.b
),
outside AS (
    SELECT DISTINCT ON (id) * FROM (
        SELECT CASE WHEN a_of IS NULL THEN a ELSE b END AS id, tie <> ALL(%(leading)s) AS later, first_at, a, b
        FROM ends WHERE (a_of IS NULL OR b_of IS NULL) AND tie <> %(void)s
    ) each ORDER BY id, later, first_at, a, b
),
beside AS (SELECT id FROM outside ORDER BY later, first_at, a, b LIMIT %(beside)s),
drawn AS (
    SELECT *,
        CASE WHEN a = ANY(%(shown)s) OR a_of IS NULL THEN a ELSE -a_of END AS one,
        CASE WHEN b = ANY(%(shown)s) OR b_of IS NULL THEN b ELSE -b_of END AS other
    FROM ends
    WHERE (a_of IS NOT NULL OR a IN (SELECT id FROM beside)) AND (b_of IS NOT NULL OR b IN (SELECT id FROM beside))
)
SELECT one, other, tie, min(evidence), max(sources), min(first_at), count(*), (SELECT count(*) FROM pairs)
FROM drawn WHERE one <> other GROUP BY one, other, tie ORDER BY min(first_at), one, other
"""
_MERGED = f"""
SELECT evidence, merged_at FROM profiles_merge
WHERE target = ANY({HELD_IDS}) AND source = ANY({HELD_IDS}) AND evidence && %(evidence)s::bigint[]
ORDER BY id DESC
"""


def graph(actor: Actor, profile_id: UUID) -> Graph:
    """The graph of whoever holds this id. Raises UnknownPerson, Gone, AccessDenied.

    Six statements, however much there is, and what they answer is bounded. Other people's identifiers are shown as
    far as a link to them was refused or proposed, and the read is kept for those people too.
    """
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    own = fetch(_OWN, {"row": held.row, "most": MOST_OWN})
    lines, more = _lines(held.row, own), _more(held.row, own, mask)
    found = _drawn(own, more, lines, mask, rules())
    links = _links(lines, found.keys, _merged(held.row, lines))
    others = {node.other for node in found.nodes if node.other}
    record_read(actor, action="person.graph", subjects={held.id, *others}, categories=sorted(mask.seen))
    is_cut = (
        found.is_cut
        or max([each.count for each in more.values()] + [line.of for line in lines], default=0) >= MOST_READ
    )
    return Graph(held.id, found.nodes, found.bundles, links, is_cut)


class _Line(NamedTuple):
    """What stands between two ends; an end below zero is minus the number of a namespace: its further identifiers.

    `evidence` is meaningful where it is one pair of identifiers. `of` is how many pairs there are in all.
    """

    a: int
    b: int
    tie: Tie
    evidence: tuple[int, ...]
    sources: int
    first_at: datetime
    pairs: int
    of: int

    @property
    def is_bundled(self) -> bool:
        return self.a < 0 or self.b < 0


_TIES = tuple(Tie)
_PLACES = {tie: place for place, tie in enumerate(_TIES, start=1)}


def _lines(row: int, own: Sequence[Row]) -> list[_Line]:
    parameters = {
        "row": row,
        "shown": [each[0] for each in own],
        "ties": [tie.value for tie in _TIES],
        "void": _PLACES[Tie.WITHDRAWN],
        "beside": MOST_OTHERS + 1,
        "leading": [place for tie, place in _PLACES.items() if tie.leads_to_others],
    }
    return [
        _Line(a, b, _TIES[tie - 1], tuple(evidence), sources, first_at, pairs, of)
        for a, b, tie, evidence, sources, first_at, pairs, of in fetch(_LINES, parameters)
    ]


def _more(row: int, own: Sequence[Row], mask: Mask) -> dict[int, Bundle]:
    """Identifiers beyond those that are drawn, by minus the number of their namespace."""
    if len(own) < MOST_OWN or not mask.sees_all_sources:  # their number would tell of other sources
        return {}
    rows = fetch(_MORE, {"row": row, "shown": [each[0] for each in own]})
    return {
        -number: Bundle(f"more-{key}", key, name, Level(level), count)
        for number, key, name, level, count in rows
        if not mask.omits_identifier(key)
    }


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What stands in the graph, and the key of each end that is in it."""

    nodes: list[GraphNode]
    bundles: list[Bundle]
    keys: Mapping[int, str]
    is_cut: bool


def _drawn(
    own: Sequence[Row], more: Mapping[int, Bundle], lines: Sequence[_Line], mask: Mask, now: Rules
) -> _Drawn:
    mine = {row[0] for row in own}
    wanted = _beside(lines, mine)
    beside = fetch(_OTHERS, [wanted[:MOST_OTHERS]]) if wanted else []
    known = identifiers_among(mask.actor, [row[0] for row in (*own, *beside)])
    rows = [row for row in (*own, *beside) if row[0] in known and not mask.omits_identifier(row[2])]
    nodes = [
        _node(f"n{number}", row, mask, now, is_own=row[0] in mine) for number, row in enumerate(rows, start=1)
    ]
    keys = {row[0]: node.key for row, node in zip(rows, nodes, strict=True)}
    keys |= {end: bundle.key for end, bundle in more.items()}
    return _Drawn(nodes, list(more.values()), keys, len(wanted) > MOST_OTHERS)


def _beside(lines: Sequence[_Line], mine: Collection[int]) -> list[int]:
    """What stands beside the person's own identifiers: first where it ties them to others."""
    shown = [line for line in lines if line.tie is not Tie.WITHDRAWN]
    ordered = sorted(shown, key=lambda line: (not line.tie.leads_to_others, line.first_at, line.a, line.b))
    ends = (end for line in ordered for end in (line.a, line.b))
    return list(dict.fromkeys(end for end in ends if end > 0 and end not in mine))


def _node(key: str, row: Row, mask: Mask, now: Rules, *, is_own: bool) -> GraphNode:
    _, namespace, of, name, value, level, shared, first_seen, other = row
    rule = now.by_id[namespace]
    standing = Standing.of(rule, value, is_shared=shared, is_persons=is_own or other is not None)
    shown = mask.value(category_of_namespace(of), value)
    written = as_people_write(rule.normaliser, shown)
    return GraphNode(key, of, name, shown, written, Level(level), standing, first_seen, is_own, other)


def _merged(row: int, lines: Sequence[_Line]) -> dict[int, datetime]:
    """When each piece of evidence that is drawn first made two people one, by its id."""
    drawn = [each for line in lines if not line.is_bundled for each in line.evidence]
    found: dict[int, datetime] = {}
    for evidence, merged_at in fetch(_MERGED, {"row": row, "evidence": drawn}) if drawn else []:
        found.update(dict.fromkeys(evidence, merged_at))
    return found


def _links(
    lines: Sequence[_Line], keys: Mapping[int, str], merged: Mapping[int, datetime]
) -> list[GraphLink]:
    single, bundled = [], []
    for line in lines:
        a, b = keys.get(line.a), keys.get(line.b)
        if a is None or b is None:
            continue
        if line.is_bundled:
            bundled.append(GraphLink(a, b, line.tie, (), line.sources, line.first_at, count=line.pairs))
            continue
        times = [merged[each] for each in line.evidence if each in merged]
        merged_at = min(times) if times else None
        single.append(GraphLink(a, b, line.tie, line.evidence, line.sources, line.first_at, merged_at))
    return single + bundled
