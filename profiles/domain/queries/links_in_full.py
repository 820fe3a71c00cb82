"""All evidence around a person, page by page, as it is stored: without the events behind it."""

from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.links import Link, links_after, told
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for

_LISTING = "profiles.links"


def links_in_full(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Link]:
    """The links that touch the identifiers of whoever holds this id, those that came first first.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    links = links_after(start.position[0] if start else 0, held.row, mask, most=limit + 1)
    page = page_of(links, limit=limit, cursor=start, listing=_LISTING, position=lambda each: (each.id,))
    record_read(
        actor, action="person.explain", subjects=[held.id], categories=sorted(mask.seen),
        detail={"links": len(page.items)},
    )  # fmt: skip
    return Page(told(page.items, mask), page.next)
