"""How a person came to be one: each time that two people turned out to be the same, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.links import Link, links_of
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.enums import EvidenceRule, EvidenceState
from profiles.models import Anchor

_LISTING = "profiles.merges"


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people became one: `source` goes on as `target`, because of `link`."""

    source: UUID
    target: UUID
    link: Link

    @property
    def at(self) -> datetime:
        """The time of the event that showed it."""
        return self.link.at

    @property
    def sentence(self) -> str:
        """What happened and why."""
        return f"{self.source} became part of {self.target}: {self.link.reason}"


def merges(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Merge]:
    """The merges of whoever holds this id, the latest first; they follow from the evidence that counts now.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held, mask = holder_of(profile_id), Mask(actor)
    found = merges_of(links_of(held.row, mask), _first_ids(held.row))[::-1]
    if start:
        place = next((n for n, merge in enumerate(found) if merge.link.id == start.position[0]), len(found))
        found = found[:place][::-1] if start.backwards else found[place + 1 :]
    page = page_of(
        found[: limit + 1],
        limit=limit,
        cursor=start,
        listing=_LISTING,
        position=lambda merge: (merge.link.id,),
    )
    subjects = {held.id, *(each for merge in page.items for each in (merge.source, merge.target))}
    record_read(actor, action="person.merges", subjects=subjects, categories=sorted(mask.seen))
    return page


def merges_of(links: Iterable[Link], ids: dict[int, tuple[datetime, UUID]]) -> list[Merge]:
    """Joins the ends of the links in their order; a merge is where both sides had an id.

    `ids` are the first-seen and the id of the eldest anchor of each identifier.
    """
    parent: dict[int, int] = {}
    eldest = dict(ids)
    found = []
    for link in links:
        if link.state is not EvidenceState.ACCEPTED or link.rule is EvidenceRule.KEEP_APART:
            continue
        a, b = _root(parent, link.a.node), _root(parent, link.b.node)
        if a == b:
            continue
        parent[b] = a
        sides = sorted(eldest[side] for side in (a, b) if side in eldest)
        if len(sides) > 1 and all(first_seen < link.at for first_seen, _ in sides):
            found.append(Merge(source=sides[1][1], target=sides[0][1], link=link))
        if sides:
            eldest[a] = sides[0]
    return found


def _root(parent: dict[int, int], node: int) -> int:
    while (above := parent.get(node, node)) != node:
        parent[node] = parent.get(above, above)
        node = above
    return node


def _first_ids(row: int) -> dict[int, tuple[datetime, UUID]]:
    anchors = Anchor.objects.filter(profile_id=row, home_id__isnull=False)
    rows = anchors.order_by("-first_seen", "-birth_id").values_list("home_id", "first_seen", "birth_id")
    return {home: (first_seen, birth_id) for home, first_seen, birth_id in rows if home is not None}
