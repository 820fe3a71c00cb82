"""The identity graph of a person: their identifiers, what links them, what was refused, and where people became one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.namespaces import rules
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.identifiers import Standing
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.statements import Row, fetch
from profiles.enums import Level
from profiles.identity.rules import Rules

MOST_OWN = 60  # identifiers that are drawn one by one; the others come as "n more"
MOST_OTHERS = 40  # values beside the person: groups, shared values, other people's
MOST_READ = 10_000  # identifiers, and pieces of evidence on either side
_MERGES = 1_000

_COLUMNS = "i.id, i.namespace_id, n.key, n.name, i.value, n.level, i.shared, i.first_seen"
_OWN = f"""
SELECT {_COLUMNS}, NULL::uuid FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = %s ORDER BY n.priority, i.first_seen, i.id LIMIT {MOST_READ}
"""
_OTHERS = f"""
SELECT {_COLUMNS}, p.public_id FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
LEFT JOIN profiles_profile p ON p.id = i.profile_id
WHERE i.id = ANY(%s) ORDER BY n.priority, i.first_seen, i.id
"""
_PAIRS = f"""
WITH own AS (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
touching AS (
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.a_id = own.id LIMIT {MOST_READ})
    UNION
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.b_id = own.id LIMIT {MOST_READ})
)
SELECT least(a_id, b_id), greatest(a_id, b_id), array_agg(id ORDER BY event_time, id),
    array_agg(DISTINCT CASE WHEN rule = 'keep_apart' AND state <> 'withdrawn' THEN 'kept_apart' ELSE state END),
    count(DISTINCT source_id), min(event_time)
FROM touching WHERE state <> 'beside' GROUP BY 1, 2 ORDER BY 6, 1, 2
"""
_MERGED = f"""
WITH held AS (SELECT birth_id FROM profiles_anchor WHERE profile_id = %s)
SELECT evidence, merged_at FROM profiles_merge
WHERE source IN (SELECT birth_id FROM held) AND target IN (SELECT birth_id FROM held)
ORDER BY id DESC LIMIT {_MERGES}
"""


class Tie(StrEnum):
    """What a line of the graph says of its two ends; of several pieces of evidence the first of these counts."""

    KEPT_APART = "kept_apart"  # a member of staff said that they are two people
    ACCEPTED = "accepted"  # one person
    REFUSED = "refused"  # a rule forbids it
    PENDING = "pending"  # waits for the recomputation of its cluster
    PROPOSED = "proposed"  # found in a text, and shown for review
    ATTACHED = "attached"  # a group, a household, or a value that several people have
    IGNORED = "ignored"  # an end is blocked
    WITHDRAWN = "withdrawn"  # void

    @property
    def leads_to_others(self) -> bool:
        """Whether it ties a person to somebody else."""
        return self in {Tie.KEPT_APART, Tie.REFUSED, Tie.PROPOSED, Tie.PENDING}


@dataclass(frozen=True, slots=True)
class GraphNode:
    """An identifier. `key` names it within the graph. `value` is None when it is masked.

    `name` is what staff call its namespace, `written` the value as people write it.
    `other` is the id of the person who has it, when that is somebody else; `is_own` whether it is this person's.
    """

    key: str
    namespace: str
    name: str
    value: str | None
    written: str | None
    level: Level
    standing: Standing
    first_seen: datetime
    is_own: bool
    other: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Further identifiers of one namespace that are not drawn one by one."""

    key: str
    namespace: str
    name: str
    level: Level
    count: int


@dataclass(frozen=True, slots=True)
class GraphLink:
    """A line between two keys. `evidence` are its pieces, the earliest first; empty where `count` lines are one.

    `merged_at` is when this link was among those that made two people one; None when it never was.
    """

    a: str
    b: str
    tie: Tie
    evidence: tuple[int, ...]
    sources: int
    first_at: datetime
    merged_at: datetime | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    """All that is drawn. `is_cut` says that there is more than that, beside the bundles."""

    id: UUID
    nodes: list[GraphNode] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    links: list[GraphLink] = field(default_factory=list)
    is_cut: bool = False


def graph(actor: Actor, profile_id: UUID) -> Graph:
    """The graph of whoever holds this id. Raises UnknownPerson, Gone, AccessDenied.

    Five statements, however much there is. Other people's identifiers are shown as far as a link to them was
    refused or proposed, and the read is kept for those people too.
    """
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_of(profile_id), Mask(actor)
    own, pairs = fetch(_OWN, [held.row]), [_Pair.of(row) for row in fetch(_PAIRS, {"row": held.row})]
    found = _drawn(own, pairs, mask, rules())
    links = _links(pairs, found.keys, _merged(held.row))
    others = {node.other for node in found.nodes if node.other}
    record_read(actor, action="person.graph", subjects={held.id, *others}, categories=sorted(mask.seen))
    is_cut = found.is_cut or max(len(own), len(pairs)) >= MOST_READ
    return Graph(held.id, found.nodes, found.bundles, links, is_cut)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The evidence between two identifiers."""

    a: int
    b: int
    evidence: tuple[int, ...]
    tie: Tie
    sources: int
    first_at: datetime

    @classmethod
    def of(cls, row: Row) -> "_Pair":
        a, b, evidence, states, sources, first_at = row
        return cls(a, b, tuple(evidence), next(tie for tie in Tie if tie in states), sources, first_at)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What stands in the graph, and the key of each identifier (by row) that is in it."""

    nodes: list[GraphNode]
    bundles: list[Bundle]
    keys: Mapping[int, str]
    is_cut: bool


def _drawn(own: Sequence[Row], pairs: Sequence[_Pair], mask: Mask, now: Rules) -> _Drawn:
    mine = {row[0] for row in own}
    wanted = _beside(pairs, mine)
    rows = [*own[:MOST_OWN], *(fetch(_OTHERS, [wanted[:MOST_OTHERS]]) if wanted else [])]
    nodes = [
        _node(f"n{number}", row, mask, now, is_own=row[0] in mine) for number, row in enumerate(rows, start=1)
    ]
    keys = {row[0]: node.key for row, node in zip(rows, nodes, strict=True)}
    counts: dict[str, Bundle] = {}
    for row in own[MOST_OWN:]:
        bundle = counts.get(row[2]) or Bundle(f"more-{row[2]}", row[2], row[3], Level(row[5]), 0)
        counts[row[2]] = replace(bundle, count=bundle.count + 1)
        keys[row[0]] = bundle.key
    return _Drawn(nodes, list(counts.values()), keys, len(wanted) > MOST_OTHERS)


def _beside(pairs: Sequence[_Pair], mine: Collection[int]) -> list[int]:
    """What stands beside the person's own identifiers: first where it ties them to others."""
    shown = [pair for pair in pairs if pair.tie is not Tie.WITHDRAWN]
    ordered = sorted(shown, key=lambda pair: (not pair.tie.leads_to_others, pair.first_at, pair.a, pair.b))
    return list(dict.fromkeys(end for pair in ordered for end in (pair.a, pair.b) if end not in mine))


def _node(key: str, row: Row, mask: Mask, now: Rules, *, is_own: bool) -> GraphNode:
    _, namespace, of, name, value, level, shared, first_seen, other = row
    rule = now.by_id[namespace]
    if rule.blocks(value):
        standing = Standing.BLOCKED
    elif shared:
        standing = Standing.SHARED
    else:
        standing = Standing.JOINS if is_own or other else Standing.ATTACHES
    shown = None if mask.hides(category_of_namespace(of)) else value
    written = as_people_write(rule.normaliser, shown)
    return GraphNode(key, of, name, shown, written, Level(level), standing, first_seen, is_own, other)


def _merged(row: int) -> dict[int, datetime]:
    """When each piece of evidence first made two people one, by its id."""
    found: dict[int, datetime] = {}
    for evidence, merged_at in fetch(_MERGED, [row]):
        found.update(dict.fromkeys(evidence, merged_at))
    return found


def _links(
    pairs: Sequence[_Pair], keys: Mapping[int, str], merged: Mapping[int, datetime]
) -> list[GraphLink]:
    found: list[GraphLink] = []
    bundled: dict[tuple[str, str, Tie], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        a, b = keys.get(pair.a), keys.get(pair.b)
        if a is None or b is None or a == b:
            continue
        if a.startswith("more-") or b.startswith("more-"):
            bundled[a, b, pair.tie].append(pair)
            continue
        times = [merged[each] for each in pair.evidence if each in merged]
        found.append(
            GraphLink(
                a, b, pair.tie, pair.evidence, pair.sources, pair.first_at, min(times) if times else None
            )
        )
    return found + [
        GraphLink(a, b, tie, (), max(pair.sources for pair in same), same[0].first_at, count=len(same))
        for (a, b, tie), same in bundled.items()
    ]
