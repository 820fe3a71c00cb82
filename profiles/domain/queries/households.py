"""Lists of groups, households and shared values: all of them, those of a person, the one of an identifier."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from compliance.access import Actor, category_of_namespace, masked, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.namespaces import readings, rules
from profiles.domain.queries.household_rows import (
    ATTACHES,
    Household,
    HouseholdKind,
    household_rows,
    shown_household,
)
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.of_sources import identifiers_among
from profiles.domain.queries.paging import Cursor, Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.enums import Level
from streaming.database import Row
from streaming.row_ids import MOST_ID

_LISTING, _OF_PERSON = "profiles.households", "profiles.households_of"

# Values that join their people again, because the rules changed, are no households any more.
_ALL = """
SELECT h.*, i.first_seen AS since FROM profiles_household h JOIN profiles_identifier i ON i.id = h.identifier_id
WHERE i.profile_id IS NULL AND {kind} AND {place} ORDER BY h.identifier_id {direction} LIMIT %(limit)s
"""
_OF_ROW = f"""
SELECT h.*, beside.since FROM (
    SELECT id, min(event_time) AS since FROM (
        SELECT e.b_id AS id, e.event_time FROM profiles_identifier own
        JOIN profiles_evidence e ON e.a_id = own.id AND {ATTACHES} WHERE own.profile_id = %(row)s
        UNION ALL
        SELECT e.a_id, e.event_time FROM profiles_identifier own
        JOIN profiles_evidence e ON e.b_id = own.id AND {ATTACHES} WHERE own.profile_id = %(row)s
    ) e GROUP BY id
) beside
JOIN profiles_household h ON h.identifier_id = beside.id JOIN profiles_identifier i ON i.id = h.identifier_id
WHERE i.profile_id IS NULL AND {{place}} ORDER BY h.identifier_id {{direction}} LIMIT %(limit)s
"""
_WRITTEN = """
SELECT h.*, i.first_seen AS since FROM unnest(%(namespaces)s::smallint[], %(values)s::text[]) AS k(namespace_id, value)
JOIN profiles_identifier i ON i.namespace_id = k.namespace_id AND i.value = k.value
JOIN profiles_household h ON h.identifier_id = i.id WHERE i.profile_id IS NULL
"""
# By the ids of namespaces, of which the planner knows how common each is.
_OF_NAMESPACES = "i.namespace_id = ANY(%(namespaces)s::smallint[])"
_KINDS = {
    None: f"(i.shared OR {_OF_NAMESPACES})",
    HouseholdKind.GROUP: _OF_NAMESPACES,
    HouseholdKind.HOUSEHOLD: _OF_NAMESPACES,
    HouseholdKind.SHARED: "i.shared",
}


def households(
    actor: Actor, *, kind: HouseholdKind | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Household]:
    """All of them, or those of one kind, the newest first. Raises InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    query, parameters = _ALL.replace("{kind}", _KINDS[kind]), {"namespaces": _namespaces(kind)}
    found = _page(query, start, limit, _LISTING, parameters, descends=True)
    mask = Mask(actor)
    items = _shown(found.items, mask)
    record_read(actor, action="households.list", categories=sorted(mask.seen), detail={"found": len(items)})
    return Page(items, found.next, found.previous)


def households_of(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Household]:
    """What whoever holds this id belongs to. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _OF_PERSON), bounded(limit)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    found = _page(_OF_ROW, start, limit, _OF_PERSON, {"row": held.row}, descends=False)
    items = _shown(found.items, mask)
    record_read(
        actor, action="person.households", subjects=[held.id], categories=sorted(mask.seen),
        detail={"found": len(items)},
    )  # fmt: skip
    return Page(items, found.next, found.previous)


def household_written(actor: Actor, text: str) -> Household | None:
    """The one that this text is the identifier of: of one namespace for `namespace:value`, else of any; else None.

    What the actor may not see cannot be looked up either. Raises AccessDenied.
    """
    require(actor, Operation.PEOPLE_SEARCH)
    require(actor, Operation.PEOPLE_VIEW)
    wanted = [
        (row, value) for key, row, value in readings(text) if not masked(actor, category_of_namespace(key))
    ]
    parameters = {
        "namespaces": [namespace for namespace, _ in wanted],
        "values": [value for _, value in wanted],
    }
    rows, mask = household_rows(_WRITTEN, parameters) if wanted else [], Mask(actor)
    told = _shown(rows, mask)
    if not told:
        return None
    found = told[0]
    record_read(
        actor, action="household.lookup", target=str(found.id), categories=sorted(mask.seen),
        detail={"namespace": found.namespace},
    )  # fmt: skip
    return found


def _shown(rows: Sequence[Row], mask: Mask) -> list[Household]:
    """Those of which the actor may know that they are there."""
    known = identifiers_among(mask.actor, [row[0] for row in rows])
    return [
        shown_household(row, mask) for row in rows if row[0] in known and not mask.omits_identifier(row[2])
    ]


def _namespaces(kind: HouseholdKind | None) -> list[int]:
    """The namespaces that are groups or households, or those of the one kind."""
    levels: set[str] = {Level.GROUP, Level.HOUSEHOLD} if kind is None else {kind.value}
    return [rule.id for rule in rules().namespaces if rule.level in levels]


def _page(
    query: str, start: Cursor | None, limit: int, listing: str, parameters: dict[str, Any], *, descends: bool
) -> Page[Any]:
    """A page of rows by identifier, in the list's direction."""
    backwards = start is not None and start.backwards
    falls = descends != backwards
    place, direction = (
        ("h.identifier_id < %(start)s", "DESC") if falls else ("h.identifier_id > %(start)s", "ASC")
    )
    (position,) = start.position if start else (MOST_ID if falls else 0,)
    rows = household_rows(
        query.format(place=place, direction=direction),
        {**parameters, "start": position, "limit": limit + 1},
        direction=direction,
    )
    return page_of(rows, limit=limit, cursor=start, listing=listing, position=lambda row: (row[0],))
