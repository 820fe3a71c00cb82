"""How the visits of a person went, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.behaviour.annoyances import Annoyed
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Cursor, Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.domain.source_names import source_names
from streaming.database import Row, fetch

_LISTING = "profiles.behaviour"
_READ = """
SELECT v.id, v.first_at, v.last_at, v.source_id, v.is_cut, v.purposes, v.features::text, v.annoyances::text
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT * FROM profiles_behaviour_visit v
    WHERE v.anchor = a.birth_id AND v.features IS NOT NULL AND {condition}
    ORDER BY v.first_at {direction}, v.id {direction} LIMIT %(limit)s
) v
WHERE a.profile_id = %(row)s
ORDER BY v.first_at {direction}, v.id {direction} LIMIT %(limit)s
"""
_OLDER = "(v.first_at, v.id) < (%(time)s, %(id)s)"
_NEWER = "(v.first_at, v.id) > (%(time)s, %(id)s)"
# What an error said, and what a complaint is about, may be anything.
_FREE_TEXT = frozenset({Annoyed.REPEATED_ERRORS, Annoyed.COMPLAINT})


@dataclass(frozen=True, slots=True)
class Annoyance:
    """What annoyed (see profiles.behaviour.annoyances); `what` and `page` are None when not told or hidden."""

    kind: Annoyed
    at: datetime
    what: str | None
    page: str | None
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class VisitBehaviour:
    """How a visit went. `features` is None, and `annoyances` empty, when the actor may not see behaviour.

    `masked` names what is hidden. `is_cut` says that only the beginning of the visit was looked at.
    """

    id: UUID
    started_at: datetime
    last_at: datetime
    source_id: int
    source: str
    is_cut: bool
    features: dict[str, Any] | None
    annoyances: list[Annoyance]
    masked: list[str]


def behaviour(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[VisitBehaviour]:
    """The visits in which whoever holds this id did something, by their beginning.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = holder_for(actor, profile_id)
    rows = _read(held.row, start, limit)
    page = page_of(
        rows,
        limit=limit,
        cursor=start,
        listing=_LISTING,
        position=lambda row: (row[1].isoformat(), str(row[0])),
    )
    mask, sources = Mask(actor), source_names({row[3] for row in page.items})
    items = [_shown(row, sources[row[3]], mask) for row in page.items if mask.sees_source(row[3])]
    record_read(
        actor, action="person.behaviour", subjects=[held.id], categories=sorted(mask.seen),
        detail={"visits": len(items)},
    )  # fmt: skip
    return Page(items, page.next, page.previous)


def _read(row: int, start: Cursor | None, limit: int) -> list[Row]:
    backwards = start is not None and start.backwards
    time, last = start.position if start else (None, None)
    query = _READ.format(
        condition=(_NEWER if backwards else _OLDER) if start else "true",
        direction="ASC" if backwards else "DESC",
    )
    moment = time and datetime.fromisoformat(time)
    return fetch(query, {"row": row, "limit": limit + 1, "time": moment, "id": last and UUID(last)})


def _shown(row: Row, source: str, mask: Mask) -> VisitBehaviour:
    id_, first_at, last_at, source_id, is_cut, purposes, features, annoyances = row
    may_use = all(mask.use.permits(each.split()) for each in purposes or ())
    is_hidden = not may_use or mask.hides(Category.BEHAVIOUR)
    told = [] if is_hidden else orjson.loads(annoyances)
    hides_texts = any(each["kind"] in _FREE_TEXT and each["what"] for each in told) and mask.hides(
        Category.UNCLASSIFIED
    )
    names_texts = hides_texts and not mask.omits(Category.UNCLASSIFIED)
    return VisitBehaviour(
        id_,
        first_at,
        last_at,
        source_id,
        source,
        is_cut,
        None if is_hidden else orjson.loads(features),
        [_annoyance(each, hides_texts=hides_texts) for each in told],
        ["features", "annoyances"] if is_hidden else ["annoyances.what"] if names_texts else [],
    )


def _annoyance(told: dict[str, Any], *, hides_texts: bool) -> Annoyance:
    kind = Annoyed(told["kind"])
    return Annoyance(
        kind,
        datetime.fromisoformat(told["at"]),
        None if hides_texts and kind in _FREE_TEXT else told["what"],
        told["page"],
        told["times"],
        told["seconds"],
    )
