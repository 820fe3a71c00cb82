"""Rows of the audit trail that match what is wanted, newest first, in bounded steps.

What no index finds is looked for among the newest STEP rows, then among those before, up to STEPS times a page. A page
that is not full says where to look on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

STEP, STEPS = 5_000, 20
_SLACK = timedelta(hours=1)  # a row is as old as its transaction, so that times and numbers nearly agree

# Indexes know sealed rows only (docs/adr/0142); those not sealed yet are few, and have an index of their own.
_WITH_UNSEALED = """
SELECT * FROM (
    {sealed}
    UNION ALL
    (SELECT * FROM compliance_auditentry WHERE sealed_hash IS NULL AND {conditions} ORDER BY id DESC LIMIT {limit})
) newest
ORDER BY id DESC LIMIT {limit}
"""
# A hundred actions or so stand in millions of rows: each is found by going on in the index behind the one before.
_OF_ACTIONS = """
(WITH RECURSIVE kinds (action) AS (
    (SELECT action FROM compliance_auditentry WHERE sealed_hash IS NOT NULL ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (
        SELECT e.action FROM compliance_auditentry e
        WHERE e.sealed_hash IS NOT NULL AND e.action > k.action ORDER BY e.action LIMIT 1
    )
    FROM kinds k WHERE k.action IS NOT NULL
)
SELECT newest.* FROM kinds kind CROSS JOIN LATERAL (
    SELECT * FROM compliance_auditentry
    WHERE sealed_hash IS NOT NULL AND action = kind.action AND {conditions} ORDER BY id DESC LIMIT {limit}
) newest
WHERE starts_with(kind.action, %(action)s) ORDER BY newest.id DESC LIMIT {limit})
"""
# Rows about a person are found by their own index first: with an order beside it all rows might be read backwards.
_OF_SUBJECTS = """
(WITH held AS MATERIALIZED (
    SELECT * FROM compliance_auditentry WHERE sealed_hash IS NOT NULL AND subjects && %(subjects)s::uuid[]
)
SELECT * FROM held WHERE {conditions} ORDER BY id DESC LIMIT {limit})
"""
_OF_ACTOR = """
(SELECT * FROM compliance_auditentry WHERE sealed_hash IS NOT NULL AND {conditions} ORDER BY id DESC LIMIT {limit})
"""
_OF_ALL = "SELECT * FROM compliance_auditentry WHERE {conditions} ORDER BY id DESC LIMIT {limit}"
_PAGE = "SELECT {fields} FROM ({looked}) looked WHERE {others} ORDER BY id DESC LIMIT {limit}"
_LAST_LOOKED = "SELECT min(id), count(*) FROM ({looked}) looked"
_FROM_ID = "SELECT id, at FROM compliance_auditentry WHERE id >= %s ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row of the audit trail, without the people concerned."""

    id: int
    at: datetime
    actor_kind: str
    actor: str
    address: str
    action: str
    target: str
    categories: list[str]
    detail: dict[str, Any]
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What rows are narrowed by, whoever they are about: `action` is how their action begins."""

    by: str = ""
    action: str = ""
    category: str = ""
    purpose: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Criteria):
    """Which rows: `subjects` are pseudonyms of which one is among theirs."""

    subjects: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Rows, and before which id to look on; None at the end."""

    rows: list[TrailRow] = field(default_factory=list)
    next: int | None = None


def page_of_trail(wanted: Wanted, *, before: int | None, limit: int) -> TrailPage:
    """The newest of the wanted rows before that id."""
    least = _first_id_since(wanted.since - _SLACK) if wanted.since else 0
    if wanted.until is not None:
        latest = _first_id_since(wanted.until + _SLACK)
        before = latest if before is None else min(before, latest)
    found: list[TrailRow] = []
    for _ in range(STEPS):
        rows, before = _step(wanted, before, least, limit + 1 - len(found))
        found += rows
        if before is None or len(found) > limit:
            break
    following = found[limit - 1].id if len(found) > limit else before
    return TrailPage(found[:limit], following)


def _step(wanted: Wanted, before: int | None, least: int, limit: int) -> tuple[list[TrailRow], int | None]:
    """Rows of one step, and where the next one begins if this one may not have been all."""
    looked, parameters = _looked(wanted, before), _parameters(wanted, before, least)
    others = _others(wanted)
    fields = ", ".join(TrailRow.__dataclass_fields__)
    query = _PAGE.format(fields=fields, looked=looked, others=others, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = [_row(each) for each in cursor.fetchall()]
        if len(rows) == limit:
            return rows, rows[-1].id
        cursor.execute(_LAST_LOOKED.format(looked=looked), parameters)
        last, count = cursor.fetchone()
    return rows, last if count == STEP else None


def _looked(wanted: Wanted, before: int | None) -> str:
    """The statement of the newest STEP rows that indexes find."""
    conditions = " AND ".join(
        [
            "id >= %(least)s",
            *(["id < %(before)s"] if before is not None else []),
            *(["actor = %(by)s"] if wanted.by else []),
            *(["starts_with(action, %(action)s)"] if wanted.action else []),
            *(["subjects && %(subjects)s::uuid[]"] if wanted.subjects is not None else []),
        ]
    )
    if (sealed := _sealed(wanted)) is None:
        return _OF_ALL.format(conditions=conditions, limit=STEP)
    query = _WITH_UNSEALED.replace("{sealed}", sealed)
    return query.format(conditions=conditions, limit=STEP)


def _sealed(wanted: Wanted) -> str | None:
    """How rows that are sealed are found; None where all rows are looked at by their numbers."""
    if wanted.subjects is not None:
        return _OF_SUBJECTS
    if wanted.action:
        return _OF_ACTIONS
    return _OF_ACTOR if wanted.by else None


def _others(wanted: Wanted) -> str:
    conditions = [
        *(["categories @> ARRAY[%(category)s]::varchar[]"] if wanted.category else []),
        *(["purpose = %(purpose)s"] if wanted.purpose else []),
        *(["at >= %(since)s"] if wanted.since else []),
        *(["at < %(until)s"] if wanted.until else []),
    ]
    return " AND ".join(conditions) or "true"


def _parameters(wanted: Wanted, before: int | None, least: int) -> dict[str, Any]:
    return {
        "least": least, "before": before, "by": wanted.by, "action": wanted.action, "category": wanted.category,
        "purpose": wanted.purpose, "since": wanted.since, "until": wanted.until, "subjects": list(wanted.subjects or ()),
    }  # fmt: skip


def _row(found: Sequence[Any]) -> TrailRow:
    named = dict(zip(TrailRow.__dataclass_fields__, found, strict=True))
    return TrailRow(**{**named, "detail": orjson.loads(named["detail"])})


def _first_id_since(moment: datetime) -> int:
    """The lowest id whose row is not older, found by halving: ids and times rise together but for a transaction's length."""
    low, high = 0, 2**63 - 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM compliance_auditentry")
        (high,) = cursor.fetchone()
        while low < high:
            middle = (low + high) // 2
            cursor.execute(_FROM_ID, [middle])
            found = cursor.fetchone()
            if found is not None and found[1] < moment:
                low = int(found[0]) + 1
            else:
                high = middle
    return low
