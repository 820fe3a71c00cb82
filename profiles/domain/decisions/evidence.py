"""Evidence as decisions read and change it: links by number or between identifiers, withdrawing, rows of decisions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import uuid4

from profiles.enums import EvidenceRule, EvidenceState
from profiles.models import Evidence
from streaming.database import fetch
from streaming.row_ids import MOST_ID

Pair = tuple[int, int]  # two identifiers, the lower number first

_STAFF = 0  # the source of decisions
_COLUMNS = """
SELECT e.id, e.a_id, e.b_id, e.rule, e.state, e.refused_by, a.profile_id, b.profile_id
FROM {evidence} e JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
"""
_NUMBERED = _COLUMNS.format(evidence="profiles_evidence") + "WHERE e.id = ANY(%s) ORDER BY e.id"
_BETWEEN = _COLUMNS.format(
    evidence="""(
    SELECT f.* FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) p(a, b)
    JOIN profiles_evidence f ON f.a_id = p.a AND f.b_id = p.b
    UNION
    SELECT f.* FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) p(a, b)
    JOIN profiles_evidence f ON f.a_id = p.b AND f.b_id = p.a
)"""
)
_INSIDE = _COLUMNS.format(
    evidence="(SELECT * FROM profiles_evidence WHERE a_id = %(node)s UNION SELECT * FROM profiles_evidence WHERE b_id = %(node)s)"
) + (
    "WHERE a.profile_id = %(row)s AND b.profile_id = %(row)s AND e.state <> 'withdrawn' AND e.rule <> 'keep_apart'"
)
_OF_TWO = (
    _COLUMNS.format(
        evidence="""(
    SELECT f.* FROM profiles_identifier i JOIN profiles_evidence f ON f.a_id = i.id WHERE i.profile_id = %(small)s
    UNION
    SELECT f.* FROM profiles_identifier i JOIN profiles_evidence f ON f.b_id = i.id WHERE i.profile_id = %(small)s
)"""
    )
    + "WHERE e.state <> 'withdrawn' AND %(other)s IN (a.profile_id, b.profile_id)"
)
_OF_DECISIONS = _COLUMNS.format(
    evidence="""(
    SELECT f.* FROM profiles_identifier i JOIN profiles_evidence f ON f.a_id = i.id AND f.rule IN ('merge', 'keep_apart')
    WHERE i.profile_id = ANY(%(rows)s)
    UNION
    SELECT f.* FROM profiles_identifier i JOIN profiles_evidence f ON f.b_id = i.id AND f.rule IN ('merge', 'keep_apart')
    WHERE i.profile_id = ANY(%(rows)s)
)"""
)


class StoredLink(NamedTuple):
    """A row of evidence with the profile rows that have its ends now (None: nobody)."""

    id: int
    a: int
    b: int
    rule: EvidenceRule
    state: EvidenceState
    refused_by: str
    row_a: int | None
    row_b: int | None

    @property
    def pair(self) -> Pair:
        """Its ends."""
        return pair_of(self.a, self.b)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is void already."""
        return self.state is EvidenceState.WITHDRAWN

    @property
    def rows(self) -> set[int]:
        """The profile rows of its ends."""
        return {row for row in (self.row_a, self.row_b) if row is not None}


def pair_of(a: int, b: int) -> Pair:
    """The two identifiers in the order of their numbers."""
    return (a, b) if a < b else (b, a)


def links_numbered(ids: Iterable[int]) -> list[StoredLink]:
    """The rows of these ids that exist; no number of a row is too large to ask for."""
    return _links(fetch(_NUMBERED, [sorted({each for each in ids if each <= MOST_ID})]))


def links_between(pairs: Collection[Pair]) -> list[StoredLink]:
    """All rows between these identifiers, whatever rule, source and import they are of."""
    if not pairs:
        return []
    ordered = sorted(pairs)
    return _links(fetch(_BETWEEN, {"a": [a for a, _ in ordered], "b": [b for _, b in ordered]}))


def links_inside(row: int, identifier: int) -> list[StoredLink]:
    """What links this identifier of the person with others of the same person."""
    return _links(fetch(_INSIDE, {"row": row, "node": identifier}))


def links_of_two(a: int, b: int) -> list[StoredLink]:
    """What links identifiers of the one person (by row) with those of the other."""
    small, other = max(a, b), min(a, b)  # who came later has fewer links, as a rule
    return _links(fetch(_OF_TWO, {"small": small, "other": other}))


def decisions_of(rows: Collection[int]) -> list[StoredLink]:
    """The decisions that touch identifiers of these people, void ones too."""
    return _links(fetch(_OF_DECISIONS, {"rows": sorted(rows)}))


def _links(rows: Iterable[tuple[object, ...]]) -> list[StoredLink]:
    return [
        StoredLink(id_, a, b, EvidenceRule(rule), EvidenceState(state), refused_by, row_a, row_b)  # type: ignore[arg-type]  # columns
        for id_, a, b, rule, state, refused_by, row_a, row_b in rows
    ]


def void(ids: Collection[int], *, by: str, why: str, now: datetime) -> int:
    """Withdraw these rows; returns how many were not withdrawn already."""
    rows = Evidence.objects.filter(id__in=ids).exclude(state=EvidenceState.WITHDRAWN)
    return rows.update(
        state=EvidenceState.WITHDRAWN, refused_by="", withdrawn_by=by, withdrawn_at=now, withdrawn_why=why
    )


def restore(ids: Collection[int]) -> None:
    """Let withdrawn rows count again; their state follows from the next recomputation."""
    Evidence.objects.filter(id__in=ids).update(
        state=EvidenceState.ACCEPTED, withdrawn_by="", withdrawn_at=None, withdrawn_why=""
    )


def add(rule: EvidenceRule, pairs: Sequence[Pair], *, by: str, now: datetime) -> list[int]:
    """Store what somebody of the staff said of these identifiers; returns the ids. Never the same row twice."""
    decision = f"decision:{uuid4()}"
    rows = Evidence.objects.bulk_create(
        Evidence(
            key=_key(decision, pair), a_id=pair[0], b_id=pair[1], rule=rule, source_id=_STAFF, event_time=now,
            message_id=decision, state=EvidenceState.ACCEPTED, decided_by=by, decided_at=now,
        )
        for pair in pairs
    )  # fmt: skip
    return [row.id for row in rows]


def _key(decision: str, pair: Pair) -> bytes:
    """Each decision is a row of its own, so that history shows all of them: its key is not that of the link."""
    return blake2b(f"{decision}\0{pair[0]}\0{pair[1]}".encode(), digest_size=16).digest()
