"""One group, household or shared value: its members, its own traits, and what its members do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.household_rows import (
    COUNTED,
    LINKED,
    Household,
    UnknownHousehold,
    household_row,
    shown_household,
)
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.of_sources import Listed, identifiers_among, listed
from profiles.domain.queries.paging import Page, bounded, read_cursor
from profiles.domain.queries.people import admitted_people
from profiles.domain.queries.permission import Admission, usable_page
from profiles.domain.queries.shown import Person
from profiles.domain.queries.traits import Trait, shown_traits
from streaming.database import Row, fetch

DAYS = 30
MOST_ADDED_UP = 500  # members, by whom events are counted
_LISTING = "profiles.household_members"

_OF_HOUSEHOLD = LINKED.format(household="%(row)s")
_MEMBERS = f"""
SELECT i.profile_id, min(e.event_time) FROM ({_OF_HOUSEHOLD}) e JOIN profiles_identifier i ON i.id = e.id
WHERE i.profile_id {{comparison}} %(start)s {{{{known}}}} GROUP BY i.profile_id ORDER BY i.profile_id {{direction}} LIMIT %(limit)s
"""
# Of each anchor the days since then, and the last day that it has: both by index.
_TOGETHER = f"""
SELECT coalesce(sum(recent.events), 0)::bigint, max(latest.last_at),
    count(DISTINCT p.id) FILTER (WHERE p.lifecycle = 'customer')
FROM (
    SELECT DISTINCT i.profile_id FROM ({_OF_HOUSEHOLD}) e JOIN profiles_identifier i ON i.id = e.id
    WHERE i.profile_id IS NOT NULL LIMIT {MOST_ADDED_UP}
) m
JOIN profiles_profile p ON p.id = m.profile_id JOIN profiles_anchor a ON a.profile_id = p.id
CROSS JOIN LATERAL (
    SELECT sum(c.count) AS events FROM profiles_daily_counter c WHERE c.anchor_id = a.id AND c.day > %(since)s
) recent
CROSS JOIN LATERAL (
    SELECT max(c.last_at) AS last_at FROM profiles_daily_counter c WHERE c.anchor_id = a.id AND c.day = (
        SELECT d.day FROM profiles_daily_counter d WHERE d.anchor_id = a.id ORDER BY d.day DESC LIMIT 1
    )
) latest
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to it, and since when."""

    person: Person
    since: datetime


@dataclass(frozen=True, slots=True)
class HouseholdInFull:
    """All that its page shows.

    `events` are those of the last DAYS days, of all members or of MOST_ADDED_UP of them; `customers` are how many of the
    same members are customers now, and `last_seen` is their latest event, None while they have none. Where behaviour is
    hidden both say nothing.
    """

    household: Household
    traits: list[Trait]
    members: Page[Member]
    events: int | None
    customers: int
    last_seen: datetime | None

    @property
    def is_partial(self) -> bool:
        """Whether there are more members than are added up."""
        return self.household.has_more_members or self.household.members > MOST_ADDED_UP


def household_in_full(
    actor: Actor, household_id: UUID, *, now: datetime, cursor: str | None = None, limit: int = 50
) -> HouseholdInFull:
    """Its page, with the members from the cursor on. Raises UnknownHousehold, InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    mask = Mask(actor)
    row = _row(household_id, mask)
    found = shown_household(row, mask, counted=COUNTED)
    traits = shown_traits(orjson.loads(row[5]), orjson.loads(row[6]), mask)
    members = _members(actor, found, cursor, limit)
    ((events, last_seen, customers),) = fetch(_TOGETHER, {"row": found.row, "since": _since(now)})
    if mask.omits(Category.BEHAVIOUR) or not mask.sees_all_sources:
        events, last_seen = None, None
    _record(actor, "household.read", found, mask, members.items)
    return HouseholdInFull(found, traits, members, events, customers, last_seen)


def household(actor: Actor, household_id: UUID) -> Household:
    """The one of this id. Raises UnknownHousehold, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    mask = Mask(actor)
    found = shown_household(_row(household_id, mask), mask, counted=COUNTED)
    _record(actor, "household.read", found, mask, [])
    return found


def household_members(
    actor: Actor, household_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Member]:
    """Who belongs to it, those that came first first. Raises UnknownHousehold, InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    mask = Mask(actor)
    found = shown_household(_row(household_id, mask), mask, counted=COUNTED)
    return _members(actor, found, cursor, limit)


def _row(household_id: UUID, mask: Mask) -> Row:
    """Its row; none where not even that there is such an identifier may be told."""
    row = household_row(household_id)
    if mask.omits_identifier(row[2]) or not identifiers_among(mask.actor, [row[0]]):
        raise UnknownHousehold
    return row


def _members(actor: Actor, found: Household, cursor: str | None, limit: int) -> Page[Member]:
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    backwards = start is not None and start.backwards
    query = _MEMBERS.format(comparison="<" if backwards else ">", direction="DESC" if backwards else "ASC")
    since: dict[int, datetime] = {}

    def read(last: int | None, most: int) -> Listed:
        given = {"row": found.row, "start": last or 0, "limit": most}
        some = listed(actor, query, given, person="i.profile_id", width=2)
        since.update(some.rows)
        return some

    admission = Admission(actor)
    page, _ = usable_page(admission, start, limit, _LISTING, read)
    detail = {"household": str(found.id)}
    people = admitted_people(admission, page.items, "household.members", detail)
    return Page([Member(each, since[each.row]) for each in people], page.next, page.previous)


def _record(actor: Actor, action: str, found: Household, mask: Mask, members: Sequence[Member]) -> None:
    detail: dict[str, Any] = {"namespace": found.namespace, "members": found.members}
    record_read(
        actor, action=action, target=str(found.id), subjects=[each.person.id for each in members],
        categories=sorted(mask.seen), detail=detail,
    )  # fmt: skip


def _since(now: datetime) -> date:
    return now.astimezone(UTC).date() - timedelta(days=DAYS)
