"""How identity is: sizes of people, merges by the hour, values that link too many, what waits. Each in bounded time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.namespaces import rules
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.shown import Person
from profiles.domain.queries.sizes import Sizes, largest, sizes
from profiles.identity.rules import Rules
from streaming.database import fetch

HOUR = timedelta(hours=1)
HOURS = 24
SHOWN = 20  # of each list
MOST_LOOKED_AT = 5_000  # links of which is counted how many wait for review, the newest first
MOST_VALUES = 20_000  # blocked values of a day of which the most frequent are sought

_BY_HOUR = """
SELECT floor(extract(epoch FROM minute - %(start)s) / 3600)::int, sum(merges), sum(splits), sum(refused)
FROM profiles_builder_minute WHERE minute >= %(start)s AND minute < %(end)s GROUP BY 1
"""
_BLOCKED = """
SELECT h.namespace_id, n.name, n.normaliser, h.value, sum(h.hits)::bigint FROM (
    SELECT namespace_id, value, hits FROM profiles_blockedhit WHERE day = %(day)s LIMIT %(most)s
) h
JOIN profiles_namespace n ON n.id = h.namespace_id
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 4 LIMIT %(shown)s
"""
_PROPOSED = """
SELECT i.id, p.people, p.links, p.why, p.proposed_at, i.namespace_id, n.name, n.normaliser, i.value
FROM profiles_blockproposal p JOIN profiles_identifier i ON i.id = p.identifier_id
JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE p.state = 'open' ORDER BY p.people DESC, p.links DESC, i.id LIMIT %s
"""
_BACKLOG = """
SELECT count(*), count(*) FILTER (
    WHERE a.profile_id <> b.profile_id AND e.refused_by <> 'keep_apart' AND NOT EXISTS (
        SELECT FROM profiles_review r
        WHERE r.evidence_id = e.id AND NOT (r.decision = 'later' AND r.until <= %(now)s)
    )
)
FROM (
    SELECT id, a_id, b_id, refused_by FROM profiles_evidence
    WHERE state IN ('refused', 'proposed') ORDER BY id DESC LIMIT %(most)s
) e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
"""
_DUE = """
SELECT id, edges, due_at, why, done, total, failed FROM profiles_cluster
WHERE due_at IS NOT NULL ORDER BY due_at LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a namespace, which staff call `name`.

    `text` is None when the actor may not see it; `written` is the value as people write it.
    """

    namespace: str
    name: str
    text: str | None
    written: str | None


@dataclass(frozen=True, slots=True)
class Suspicious:
    """A value that ought to be blocked. `id` is that of the identifier."""

    id: int
    people: int
    links: int
    why: str
    since: datetime
    value: Value


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


class Waiting(NamedTuple):
    """So many links wait for review, and perhaps more: only the MOST_LOOKED_AT newest were looked at."""

    links: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """Merges, splits and refused links by the hour, from `start` on."""

    start: datetime
    merges: list[int]
    splits: list[int]
    refused: list[int]


@dataclass(frozen=True, slots=True)
class Health:
    """All figures of identity.

    `blocked` are the most frequent of the MOST_VALUES blocked values of the day that were looked at.
    """

    sizes: Sizes
    largest: list[tuple[Person, int]]
    hours: Hours
    blocked: list[tuple[Value, int]]
    suspicious: list[Suspicious]
    waiting: Waiting
    due: list[DueGroup]


def health(actor: Actor, *, now: datetime) -> Health:
    """How identity is now. Raises AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    mask, known = Mask(actor), rules()
    hits = fetch(_BLOCKED, {"day": now.date(), "most": MOST_VALUES, "shown": SHOWN})
    hits = hits if mask.sees_all_sources else []  # they are kept by value, not by source
    blocked = [
        (_value(row[:4], mask, known), row[4])
        for row in hits
        if not mask.omits_identifier(known.by_id[row[0]].key)
    ]
    suspicious = _suspicious(mask, known)
    record_read(
        actor,
        action="identity.health",
        categories=sorted(mask.seen),
        detail={"suspicious": len(suspicious), "blocked": len(blocked)},
    )
    return Health(
        sizes=sizes(),
        largest=largest(actor),
        hours=_hours(now),
        blocked=blocked,
        suspicious=suspicious,
        waiting=waiting_for_review(now),
        due=[DueGroup(*row) for row in fetch(_DUE, [SHOWN])],
    )


def waiting_for_review(now: datetime) -> Waiting:
    """How many links wait for somebody to decide."""
    ((looked_at, links),) = fetch(_BACKLOG, {"now": now, "most": MOST_LOOKED_AT})
    return Waiting(links, has_more=looked_at == MOST_LOOKED_AT)


def _hours(now: datetime) -> Hours:
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    start = end - HOURS * HOUR
    found: dict[int, list[Any]] = {
        hour: rest for hour, *rest in fetch(_BY_HOUR, {"start": start, "end": end})
    }
    columns = [[int(found[hour][part]) if hour in found else 0 for hour in range(HOURS)] for part in range(3)]
    return Hours(start, *columns)


def _suspicious(mask: Mask, known: Rules) -> list[Suspicious]:
    rows = [
        row
        for row in fetch(_PROPOSED, [SHOWN])
        if mask.sees_all_sources
        and not known.by_id[row[5]].blocks(row[8])
        and not mask.omits_identifier(known.by_id[row[5]].key)
    ]
    return [
        Suspicious(identity, people, links, why, since, _value(value, mask, known))
        for identity, people, links, why, since, *value in rows
    ]


def _value(row: Sequence[Any], mask: Mask, known: Rules) -> Value:
    namespace, name, normaliser, value = row
    key = known.by_id[namespace].key
    shown = mask.value(category_of_namespace(key), value)
    return Value(key, name, shown, as_people_write(normaliser, shown))
