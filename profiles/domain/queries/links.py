"""The evidence that holds a person together, and what was refused, as the screens and the API tell it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.access import category_of_namespace
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.statements import Row, fetch
from profiles.domain.source_names import source_names
from profiles.enums import EvidenceRule, EvidenceState

MAX_LINKS = 10_000  # of one person

_SELECT = """
SELECT e.id, e.rule, e.state, e.refused_by, e.decided_by, e.source_id, e.import_id, e.event_time, e.message_id,
    a.id, na.key, a.value, a.profile_id, b.id, nb.key, b.value, b.profile_id
FROM {evidence} e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_namespace na ON na.id = a.namespace_id
JOIN profiles_identifier b ON b.id = e.b_id JOIN profiles_namespace nb ON nb.id = b.namespace_id
"""
_AROUND = f"""
WITH own AS (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
touching AS (
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.a_id = own.id LIMIT %(limit)s)
    UNION
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.b_id = own.id LIMIT %(limit)s)
)
{_SELECT.format(evidence="touching")}
ORDER BY e.event_time, e.id LIMIT %(limit)s
"""
_NAMED = _SELECT.format(evidence="profiles_evidence") + "WHERE e.id = ANY(%(ids)s)"


@dataclass(frozen=True, slots=True)
class End:
    """One identifier of a link. `value` is None when it is masked; `is_own` says whether it is this person's."""

    node: int
    namespace: str
    value: str | None
    is_own: bool

    def __str__(self) -> str:
        return f"{self.namespace} {'(masked)' if self.value is None else self.value}"


@dataclass(frozen=True, slots=True)
class Link:
    """One piece of evidence: two identifiers, why they were linked, and the earliest event that showed it."""

    id: int
    a: End
    b: End
    rule: EvidenceRule
    state: EvidenceState
    refused_by: str
    decided_by: str
    source: str
    import_id: int
    at: datetime
    message_id: str

    @property
    def reason(self) -> str:
        """Why the two belong together, or apart, as a sentence."""
        return _REASONS[self.rule].format(link=self)

    @property
    def refusal(self) -> str:
        """Why a refused link does not count, as a sentence; empty for the others."""
        if self.state is not EvidenceState.REFUSED:
            return ""
        kind, _, namespace = self.refused_by.partition(":")
        return _REFUSALS.get(kind, "A rule forbids it.").format(namespace=namespace)


_REASONS = {
    EvidenceRule.EVENT: "{link.a} and {link.b} stood in one event of {link.source}.",
    EvidenceRule.ALIAS: "An alias call of {link.source} named {link.a} and {link.b} as one person.",
    EvidenceRule.MERGE: "{link.decided_by} said that {link.a} and {link.b} are one person.",
    EvidenceRule.KEEP_APART: "{link.decided_by} said that {link.a} and {link.b} are two people.",
}
_REFUSALS = {
    "unique": "Joining them would give one person two values of {namespace}, which is unique.",
    "limit": "Joining them would give one person more values of {namespace} than the limit.",
    "keep_apart": "A member of staff said that they are two people.",
}


def links_of(row: int, mask: Mask) -> list[Link]:
    """All links that touch this person's identifiers, the earliest first; at most MAX_LINKS."""
    return _links(fetch(_AROUND, {"row": row, "limit": MAX_LINKS}), row, mask)


def links_named(ids: Collection[int], row: int, mask: Mask) -> dict[int, Link]:
    """Links by the ids of their evidence, as seen from the person of this row."""
    return {link.id: link for link in _links(fetch(_NAMED, {"ids": sorted(ids)}), row, mask)} if ids else {}


def _links(rows: Sequence[Row], row: int, mask: Mask) -> list[Link]:
    sources = source_names({found[5] for found in rows})
    return [_link(found, row, sources[found[5]], mask) for found in rows]


def _link(found: Row, row: int, source: str, mask: Mask) -> Link:
    identity, rule, state, refused_by, decided_by, _, import_id, at, message_id, *ends = found
    return Link(
        id=identity,
        a=_end(ends[:4], row, mask),
        b=_end(ends[4:], row, mask),
        rule=EvidenceRule(rule),
        state=EvidenceState(state),
        refused_by=refused_by,
        decided_by=decided_by,
        source=source,
        import_id=import_id,
        at=at,
        message_id=message_id,
    )


def _end(columns: list[Any], row: int, mask: Mask) -> End:
    node, namespace, value, profile = columns
    return End(
        node, namespace, None if mask.hides(category_of_namespace(namespace)) else value, profile == row
    )
