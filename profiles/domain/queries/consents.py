"""What a person grants and refuses: the most restrictive of what all their anchors say.

Of an anchor and a purpose the newest statement counts; of the anchors of a person one that refuses counts more than
others that grant. So a merge never grants anything, and a split undoes what a merge refused. Whoever sees some sources is
told what follows from what these said: it need not be what counts for a use.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import known_holder
from profiles.domain.queries.stated import NEWEST, seen_by
from streaming.database import fetch

_LISTING = "profiles.consents"
_READ = f"""
SELECT purpose, bool_and(granted), coalesce(max(timestamp) FILTER (WHERE NOT granted), max(timestamp))
FROM ({NEWEST}) newest
GROUP BY purpose ORDER BY purpose {{direction}} LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person says of a purpose, and when they said so last; `granted` is None when it is masked."""

    purpose: str
    granted: bool | None
    stated_at: datetime | None


def consents(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Consent]:
    """The purposes of which whoever holds this id said anything; of others they have neither consented nor objected.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = known_holder(actor, profile_id)
    backwards = start is not None and start.backwards
    seen, sources = seen_by(actor)
    query = _READ.format(
        condition=f"c.purpose {'<' if backwards else '>'} %(last)s" if start else "true",
        direction="DESC" if backwards else "ASC",
        seen=seen,
    )
    last = start and start.position[0]
    rows = fetch(query, {"row": held.row, "limit": limit + 1, "last": last, **sources})
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[0],))
    mask = Mask(actor)
    is_hidden = mask.hides(Category.BEHAVIOUR)
    items = [
        Consent(purpose, None if is_hidden else granted, None if is_hidden else stated_at)
        for purpose, granted, stated_at in page.items
    ]
    record_read(
        actor, action="person.consents", subjects=[held.id], categories=sorted(mask.seen),
        detail={"purposes": len(items)},
    )  # fmt: skip
    return Page(items, page.next, page.previous)
