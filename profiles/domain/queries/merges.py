"""How a person came to be one: each time that two people turned out to be the same, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.statements import Row, fetch

_LISTING = "profiles.merges"
_SELECT = """
WITH held AS (SELECT birth_id FROM profiles_anchor WHERE profile_id = %(row)s)
SELECT m.id, m.source, m.target, m.evidence, m.merged_at,
    m.source IN (SELECT birth_id FROM held) AND m.target IN (SELECT birth_id FROM held)
FROM profiles_merge m
WHERE (m.source IN (SELECT birth_id FROM held) OR m.target IN (SELECT birth_id FROM held))
"""
_OLDER = _SELECT + "AND m.id < %(id)s ORDER BY m.id DESC LIMIT %(limit)s"
_NEWER = _SELECT + "AND m.id > %(id)s ORDER BY m.id LIMIT %(limit)s"
_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people became one: `source` went on as `target`.

    `links` are the evidence that led from the one to the other, the target's end first. `is_undone` says that
    the two ids belong to different people now.
    """

    id: int
    source: UUID
    target: UUID
    at: datetime
    links: list[Link]
    is_undone: bool

    @property
    def sentence(self) -> str:
        """What happened and why."""
        reasons = " ".join(link.reason for link in self.links) or "The evidence was withdrawn since."
        undone = " They are two people again." if self.is_undone else ""
        return f"{self.source} became part of {self.target}. {reasons}{undone}"


def merges(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Merge]:
    """The merges of whoever holds this id, the latest first.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held, mask = holder_of(profile_id), Mask(actor)
    last = start.position[0] if start else _END
    query = _NEWER if start and start.backwards else _OLDER
    rows = fetch(query, {"row": held.row, "id": last, "limit": limit + 1})
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[0],))
    links = links_named({each for row in page.items for each in row[3]}, held.row, mask)
    items = [_merge(row, links) for row in page.items]
    subjects = {held.id, *(each for merge in items for each in (merge.source, merge.target))}
    record_read(actor, action="person.merges", subjects=subjects, categories=sorted(mask.seen))
    return Page(items, page.next, page.previous)


def _merge(row: Row, links: dict[int, Link]) -> Merge:
    identity, source, target, evidence, at, holds = row
    chain = [links[each] for each in evidence if each in links]
    return Merge(identity, source, target, at, chain, is_undone=not holds)
