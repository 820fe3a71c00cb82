"""How identity is: sizes of people, merges by the hour, values that link too many, what waits. Each in bounded time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.namespaces import rules
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.people import Person, people_of_rows
from profiles.domain.queries.statements import Row, fetch
from profiles.identity.rules import Rules

HOUR = timedelta(hours=1)
HOURS = 24
LARGEST = 20
SHOWN = 20  # of each list
MOST_COUNTED = 10_000  # links that wait for review
_EXACT_BYTES = 4 * 1024 * 1024  # of the table of people; some 10,000 of them
_BOUNDS = (1, 2, 3, 6, 11, 51, 201)
SIZES = ("1", "2", "3 to 5", "6 to 10", "11 to 50", "51 to 200", "more than 200")

_SIZE = "SELECT pg_relation_size('profiles_profile')"
_HISTOGRAM = """
WITH chosen AS (SELECT id FROM profiles_profile {sample}),
sizes AS (
    SELECT (SELECT count(*) FROM profiles_identifier i WHERE i.profile_id = chosen.id) AS values FROM chosen
)
SELECT width_bucket(values, %s), count(*) FROM sizes WHERE values > 0 GROUP BY 1
"""
# Whoever has very many identifiers has a value that links very many.
_LARGEST = """
WITH hubs AS (
    SELECT DISTINCT i.profile_id FROM (
        SELECT identifier_id FROM profiles_degree ORDER BY links DESC, identifier_id LIMIT 200
    ) d
    JOIN profiles_identifier i ON i.id = d.identifier_id WHERE i.profile_id IS NOT NULL
)
SELECT h.profile_id, (SELECT count(*) FROM profiles_identifier i WHERE i.profile_id = h.profile_id) AS values
FROM hubs h ORDER BY values DESC, h.profile_id LIMIT %s
"""
_BY_HOUR = """
SELECT floor(extract(epoch FROM minute - %(start)s) / 3600)::int, sum(merges), sum(splits), sum(refused)
FROM profiles_builder_minute WHERE minute >= %(start)s AND minute < %(end)s GROUP BY 1
"""
_BLOCKED = """
SELECT namespace_id, value, sum(hits)::bigint FROM profiles_blockedhit WHERE day = %s
GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT %s
"""
_PROPOSED = """
SELECT i.id, i.namespace_id, i.value, p.people, p.links, p.why, p.proposed_at
FROM profiles_blockproposal p JOIN profiles_identifier i ON i.id = p.identifier_id
WHERE p.state = 'open' ORDER BY p.people DESC, p.links DESC, i.id LIMIT %s
"""
_BACKLOG = """
SELECT count(*) FROM (
    SELECT FROM profiles_evidence e
    JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
    WHERE a.profile_id <> b.profile_id AND e.state IN ('refused', 'proposed') AND e.refused_by <> 'keep_apart' AND NOT EXISTS (
        SELECT FROM profiles_review r
        WHERE r.evidence_id = e.id AND NOT (r.decision = 'later' AND r.until <= %s)
    )
    LIMIT %s
) waiting
"""
_DUE = """
SELECT id, edges, due_at, why, done, total, failed FROM profiles_cluster
WHERE due_at IS NOT NULL ORDER BY due_at LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people have how many identifiers, by SIZES; shares of a sample unless `is_exact`."""

    counts: list[int]
    is_exact: bool

    @property
    def bars(self) -> list[tuple[str, int, float]]:
        """Each size with its number, and as a part of the largest."""
        most = max([*self.counts, 1])
        return [(size, count, count / most) for size, count in zip(SIZES, self.counts, strict=True)]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a namespace; `text` is None when the actor may not see it."""

    namespace: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Suspicious:
    """A value that ought to be blocked. `id` is that of the identifier."""

    id: int
    value: Value
    people: int
    links: int
    why: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DueGroup:
    """People who wait for the background job, which has done `done` of `total`."""

    id: int
    links: int
    since: datetime
    why: str
    done: int
    total: int
    failed: str

    @property
    def fraction(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Hours:
    """Merges, splits and refused links by the hour, from `start` on."""

    start: datetime
    merges: list[int]
    splits: list[int]
    refused: list[int]


@dataclass(frozen=True, slots=True)
class Health:
    """All figures of identity. `waiting` is MOST_COUNTED when that many links or more wait for review."""

    sizes: Sizes
    largest: list[tuple[Person, int]]
    hours: Hours
    blocked: list[tuple[Value, int]]
    suspicious: list[Suspicious]
    waiting: int
    due: list[DueGroup]


def health(actor: Actor, *, now: datetime) -> Health:
    """How identity is now. Raises AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    mask, known = Mask(actor), rules()
    blocked = [(_value(row, mask, known), row[2]) for row in fetch(_BLOCKED, [now.date(), SHOWN])]
    suspicious = _suspicious(mask, known)
    record_read(
        actor,
        action="identity.health",
        categories=sorted(mask.seen),
        detail={"suspicious": len(suspicious), "blocked": len(blocked)},
    )
    return Health(
        sizes=_sizes(),
        largest=_largest(actor),
        hours=_hours(now),
        blocked=blocked,
        suspicious=suspicious,
        waiting=waiting_for_review(now),
        due=[DueGroup(*row) for row in fetch(_DUE, [SHOWN])],
    )


def waiting_for_review(now: datetime) -> int:
    """How many links wait for somebody to decide; MOST_COUNTED stands for that many or more."""
    count: int = fetch(_BACKLOG, [now, MOST_COUNTED])[0][0]
    return count


def _sizes() -> Sizes:
    ((size,),) = fetch(_SIZE)
    percent = 100 * _EXACT_BYTES / max(size, 1)
    sample = "" if percent >= 100 else f"TABLESAMPLE SYSTEM ({percent:.4f})"  # noqa: PLR2004 -- all of it
    found: dict[int, int] = dict(fetch(_HISTOGRAM.format(sample=sample), [list(_BOUNDS)]))
    return Sizes([found.get(bucket, 0) for bucket in range(1, len(_BOUNDS) + 1)], not sample)


def _largest(actor: Actor) -> list[tuple[Person, int]]:
    counts = {row: count for row, count in fetch(_LARGEST, [LARGEST]) if count > _BOUNDS[3]}
    people = people_of_rows(actor, list(counts), "identity.largest", {}) if counts else []
    return [(person, counts[person.row]) for person in people]


def _hours(now: datetime) -> Hours:
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    start = end - HOURS * HOUR
    found: dict[int, list[Any]] = {
        hour: rest for hour, *rest in fetch(_BY_HOUR, {"start": start, "end": end})
    }
    columns = [[int(found[hour][part]) if hour in found else 0 for hour in range(HOURS)] for part in range(3)]
    return Hours(start, *columns)


def _suspicious(mask: Mask, known: Rules) -> list[Suspicious]:
    rows = [row for row in fetch(_PROPOSED, [SHOWN]) if not known.by_id[row[1]].blocks(row[2])]
    return [Suspicious(row[0], _value(row[1:3], mask, known), *row[3:]) for row in rows]


def _value(row: Row, mask: Mask, known: Rules) -> Value:
    key = known.by_id[row[0]].key
    return Value(key, None if mask.hides(category_of_namespace(key)) else row[1])
