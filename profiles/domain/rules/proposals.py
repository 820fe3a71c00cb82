"""Values that link suspiciously many people are found as links arrive, and proposed for blocking: never blocked."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from profiles.domain.namespaces import rules
from profiles.enums import ProposalState
from profiles.identity.rules import Rules
from profiles.models import DegreeMark
from streaming.database import fetch

STEP = 5_000  # new links that one transaction looks at
LATE = 10_000  # numbers of links that a transaction may still hold back when later ones are seen
FEWEST = 20  # links; who has fewer is nothing special
MOST_PEOPLE = 50  # that one value may link
MOST_REFUSED = 20  # links of one value that rules forbade
_COUNTED = 100_000  # links of one value, at most

_NEWEST = "SELECT coalesce(max(id), 0) FROM profiles_evidence"
_ENDS = """
WITH fresh AS (
    SELECT id, a_id, b_id FROM profiles_evidence WHERE id > %(after)s AND id <= %(until)s
), ends AS (SELECT a_id AS id FROM fresh UNION SELECT b_id FROM fresh)
SELECT id FROM ends WHERE %(fewest)s <= (
    SELECT count(*) FROM (
        SELECT FROM (SELECT FROM profiles_evidence e WHERE e.a_id = ends.id LIMIT %(fewest)s) outgoing
        UNION ALL
        SELECT FROM (SELECT FROM profiles_evidence e WHERE e.b_id = ends.id LIMIT %(fewest)s) incoming
    ) links
)
"""
_COUNT = """
SELECT i.id, i.namespace_id, i.value, i.shared, count(*), count(DISTINCT o.profile_id),
    count(*) FILTER (WHERE e.state = 'refused')
FROM profiles_identifier i
CROSS JOIN LATERAL (
    SELECT b_id AS other, state FROM profiles_evidence WHERE a_id = i.id
    UNION ALL
    SELECT a_id, state FROM profiles_evidence WHERE b_id = i.id
    LIMIT %(most)s
) e
JOIN profiles_identifier o ON o.id = e.other
WHERE i.id = ANY(%(ids)s) AND e.state NOT IN ('withdrawn', 'beside', 'proposed')
GROUP BY i.id
"""
_KEEP_DEGREES = """
INSERT INTO profiles_degree (identifier_id, links, measured_at)
SELECT id, links, %(now)s FROM unnest(%(ids)s::bigint[], %(links)s::int[]) AS k(id, links)
ON CONFLICT (identifier_id) DO UPDATE SET links = excluded.links, measured_at = excluded.measured_at
"""
# A value that was blocked and unblocked may be proposed again; one that staff keeps is not.
_PROPOSE = """
INSERT INTO profiles_blockproposal AS p
    (identifier_id, people, links, why, state, proposed_at, decided_by, decided_at)
SELECT id, people, links, why, 'open', %(now)s, '', NULL
FROM unnest(%(ids)s::bigint[], %(people)s::int[], %(links)s::int[], %(why)s::text[]) AS k(id, people, links, why)
ON CONFLICT (identifier_id) DO UPDATE SET
    people = excluded.people, links = excluded.links, why = excluded.why, state = 'open',
    proposed_at = CASE WHEN p.state = 'open' THEN p.proposed_at ELSE excluded.proposed_at END,
    decided_by = '', decided_at = NULL
WHERE p.state <> %(kept)s
"""


class Counted(NamedTuple):
    """How many links a value has, to how many people, and how many of the links rules forbade."""

    id: int
    namespace: int
    value: str
    is_shared: bool
    links: int
    people: int
    refused: int

    @property
    def suspicion(self) -> str:
        """Why it ought to be blocked, in a few words; empty for no reason."""
        if self.refused > MOST_REFUSED:
            return f"{self.refused:,} of its links were refused"
        return f"it links {self.people:,} people" if self.people > MOST_PEOPLE else ""


def measure_links(*, now: datetime) -> bool:
    """Count the links of values that new links name, and propose those that link too many. Whether there are more.

    One bounded step; two at once take turns. Links are looked at again for a while, because what a transaction held
    back shows itself behind later ones.
    """
    with transaction.atomic():
        DegreeMark.objects.get_or_create(id=1)
        mark = DegreeMark.objects.select_for_update().get(id=1)
        newest = fetch(_NEWEST, {})[0][0]
        if newest <= mark.evidence_id:
            return False
        until = min(newest, mark.evidence_id + STEP)
        parameters = {"after": mark.evidence_id - LATE, "until": until, "fewest": FEWEST}
        _count([row for (row,) in fetch(_ENDS, parameters)], now)
        mark.evidence_id = until
        mark.save()
    return bool(until < newest)


def _count(identifiers: Collection[int], now: datetime) -> None:
    if not identifiers:
        return
    found = [Counted._make(row) for row in fetch(_COUNT, {"ids": list(identifiers), "most": _COUNTED})]
    degrees = {"ids": [each.id for each in found], "links": [each.links for each in found], "now": now}
    _run(_KEEP_DEGREES, degrees)
    known = rules()
    suspicious = [each for each in found if each.suspicion and _joins(each, known)]
    proposals = {
        "ids": [each.id for each in suspicious],
        "people": [each.people for each in suspicious],
        "links": [each.links for each in suspicious],
        "why": [each.suspicion for each in suspicious],
        "now": now,
        "kept": ProposalState.KEPT.value,
    }
    _run(_PROPOSE, proposals)


def _joins(counted: Counted, known: Rules) -> bool:
    """Whether the value joins people at all."""
    rule = known.by_id[counted.namespace]
    return rule.level.resolves and not counted.is_shared and not rule.blocks(counted.value)


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
