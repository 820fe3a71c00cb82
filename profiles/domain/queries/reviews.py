"""The review queue: pairs of people whom evidence connects and rules keep apart, for a person to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, hidden, require
from compliance.enums import Category, Operation
from profiles.domain.decisions.outcome import UnknownReview
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.people import people_of_rows
from profiles.domain.queries.shown import Person
from profiles.domain.queries.timeline import TimelineItem, timeline
from profiles.domain.queries.traits import Trait, traits
from profiles.models import Review
from streaming.database import Row, fetch
from streaming.row_ids import MOST_ID

MOST_LINKS = 50  # of one pair that are told
MOST_EVENTS = 5  # of each of the two
_LISTING = "profiles.reviews"

# Open is what a rule refused or a text only mentions, between two people, and nobody decided on. What hangs on a
# value that ought to be blocked first waits for that.
_IS_OPEN = """
{e}.state IN ('refused', 'proposed') AND {e}.refused_by <> 'keep_apart'
AND NOT EXISTS (
    SELECT 1 FROM profiles_review r
    WHERE r.evidence_id = {e}.id AND NOT (r.decision = 'later' AND r.until <= %(now)s)
)
AND NOT EXISTS (
    SELECT 1 FROM profiles_blockproposal p WHERE p.identifier_id IN ({e}.a_id, {e}.b_id) AND p.state = 'open'
)
AND ({e}.state = 'refused' OR NOT EXISTS (
    SELECT 1 FROM profiles_identifier x JOIN profiles_identifier y ON y.id = {e}.b_id
    JOIN profiles_identifier mine ON mine.profile_id = x.profile_id
    JOIN profiles_evidence k ON k.rule = 'keep_apart' AND k.state <> 'withdrawn' AND mine.id IN (k.a_id, k.b_id)
    JOIN profiles_identifier other ON other.id IN (k.a_id, k.b_id) AND other.profile_id = y.profile_id
    WHERE x.id = {e}.a_id
))
"""
_BETWEEN = """
SELECT f.* FROM profiles_identifier own
CROSS JOIN LATERAL (
    SELECT *, b_id AS far FROM profiles_evidence WHERE a_id = own.id
    UNION ALL SELECT *, a_id FROM profiles_evidence WHERE b_id = own.id
) f
JOIN profiles_identifier other ON other.id = f.far
WHERE own.profile_id = {newer} AND other.profile_id = {older}
"""
# A pair stands in the queue once, at its first open link. The ends are looked up one by one as links come in order:
# for a page of hundreds PostgreSQL would rather join all identifiers of everybody.
_OPEN = f"""
SELECT e.id, a.profile_id, b.profile_id
FROM profiles_evidence e
CROSS JOIN LATERAL (SELECT profile_id FROM profiles_identifier WHERE id = e.a_id OFFSET 0) a
CROSS JOIN LATERAL (SELECT profile_id FROM profiles_identifier WHERE id = e.b_id OFFSET 0) b
WHERE a.profile_id <> b.profile_id AND {_IS_OPEN.format(e="e")}
AND NOT EXISTS (
    SELECT 1 FROM (
        {_BETWEEN.format(newer="greatest(a.profile_id, b.profile_id)", older="least(a.profile_id, b.profile_id)")}
    ) earlier WHERE earlier.id < e.id AND {_IS_OPEN.format(e="earlier")}
)
"""
_AFTER = _OPEN + "AND e.id > %(id)s ORDER BY e.id LIMIT %(limit)s"
_BEFORE = _OPEN + "AND e.id < %(id)s ORDER BY e.id DESC LIMIT %(limit)s"
_LINKS = f"""
SELECT e.id, {_IS_OPEN.format(e="e")} FROM (
    {_BETWEEN.format(newer="%(newer)s", older="%(older)s")}
) e WHERE e.state NOT IN ('withdrawn', 'beside') ORDER BY e.id
"""
_ENDS = """
SELECT a.profile_id, b.profile_id FROM profiles_evidence e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id WHERE e.id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class OpenPair:
    """Two people for review. `id` is that of their first open link, which is `link`."""

    id: int
    people: tuple[Person, Person]
    link: Link


@dataclass(frozen=True, slots=True)
class Compared:
    """One trait of the two people; `winner` (0 or 1) says whose value counts once they are one, None: both agree."""

    key: str
    values: tuple[Trait | None, Trait | None]

    @property
    def is_different(self) -> bool:
        """Whether both have it and their values, as far as they may be seen, are not the same."""
        first, second = self.values
        return first is not None and second is not None and first.value != second.value

    @property
    def is_masked(self) -> bool:
        """Whether either value is hidden, so that nobody can compare them."""
        return any(each is not None and each.is_masked for each in self.values)

    @property
    def winner(self) -> int:
        """Whose value a merge would keep: that of the later event."""
        first, second = self.values
        if first is None or second is None:
            return 0 if second is None else 1
        return 0 if _order(first) >= _order(second) else 1


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people, with their last events."""

    person: Person
    events: list[TimelineItem]


@dataclass(frozen=True, slots=True)
class PairInFull:
    """Two people side by side.

    `links` connect them, `open` are the ids of those to decide on. `survivor` (0 or 1) keeps the id in a merge.
    `decided` is what was said already. `previous` and `next` are the neighbours in the queue.
    """

    id: int
    sides: tuple[Side, Side]
    traits: list[Compared]
    links: list[Link]
    open: set[int]
    survivor: int
    decided: Review | None
    previous: int | None
    next: int | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return bool(self.open)


class NoLongerTwo(LookupError):
    """The link is no longer between two people. `profile_id` is who has an end of it, if anybody has."""

    def __init__(self, profile_id: UUID | None) -> None:
        super().__init__("These two are no longer two people, so there is nothing to review.")
        self.profile_id = profile_id


def review_queue(
    actor: Actor, *, now: datetime, cursor: str | None = None, limit: int = 50
) -> Page[OpenPair]:
    """The pairs that wait for a decision, those that waited longest first. Raises InvalidCursor, AccessDenied."""
    require(actor, Operation.IDENTITY_DECIDE)
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    last = start.position[0] if start else 0
    query = _BEFORE if start and start.backwards else _AFTER
    rows = fetch(query, {"now": now, "id": last, "limit": limit + 1})
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[0],))
    return Page(_pairs(actor, page.items), page.next, page.previous)


def _pairs(actor: Actor, rows: Sequence[Row]) -> list[OpenPair]:
    wanted = sorted({each for _, a, b in rows for each in (a, b)})
    found = {each.row: each for each in people_of_rows(actor, wanted, "reviews.list", {"pairs": len(rows)})}
    links = links_named([row[0] for row in rows], 0, Mask(actor))
    return [
        OpenPair(id_, (found[a], found[b]), links[id_])
        for id_, *both in rows
        if id_ in links and (a := min(both)) in found and (b := max(both)) in found
    ]


def review_pair(actor: Actor, review_id: int, *, now: datetime) -> PairInFull:
    """The two people of a link (by the id of its evidence). Raises UnknownReview, NoLongerTwo, AccessDenied."""
    require(actor, Operation.IDENTITY_DECIDE)
    require(actor, Operation.PEOPLE_VIEW)
    rows = _two(review_id)
    both = people_of_rows(actor, rows, "reviews.open", {"review": review_id})
    if len(both) < len(rows):
        raise UnknownReview  # one of them may not be used by the actor
    first, second = both
    links = fetch(_LINKS, {"newer": rows[1], "older": rows[0], "now": now})
    told = links_named([row[0] for row in links[:MOST_LINKS]], rows[0], Mask(actor))
    if review_id not in told and not Mask(actor).omits_nothing:
        raise UnknownReview  # an end of it may not be told
    waiting = {row[0] for row in links if row[1]}
    place = min(waiting, default=review_id)
    elder = min((first, second), key=lambda each: (each.first_seen, str(each.id)))
    return PairInFull(
        id=review_id,
        sides=(_side(actor, first), _side(actor, second)),
        traits=_compared(traits(actor, first.id), traits(actor, second.id)),
        links=sorted(told.values(), key=lambda link: (link.at, link.id)),
        open=waiting,
        survivor=0 if elder is first else 1,
        decided=Review.objects.filter(pk=review_id).first(),
        previous=_neighbour(_BEFORE, place, now),
        next=_neighbour(_AFTER, place, now),
    )


def _two(review_id: int) -> tuple[int, int]:
    rows = fetch(_ENDS, {"id": review_id}) if review_id <= MOST_ID else []
    if not rows:
        raise UnknownReview
    held = sorted({row for row in rows[0] if row is not None})
    if len(held) < 2:  # noqa: PLR2004 -- two people
        raise NoLongerTwo(_live_id(held[0]) if held else None)
    return held[0], held[1]


def _live_id(row: int) -> UUID:
    found: UUID = fetch("SELECT public_id FROM profiles_profile WHERE id = %s", [row])[0][0]
    return found


def _side(actor: Actor, person: Person) -> Side:
    if hidden(actor, Category.BEHAVIOUR):
        return Side(person, [])
    return Side(person, timeline(actor, person.id, limit=MOST_EVENTS).items)


def _compared(first: Sequence[Trait], second: Sequence[Trait]) -> list[Compared]:
    """Different ones first, then those that only one has, then those that agree."""
    mine, theirs = {each.key: each for each in first}, {each.key: each for each in second}
    found = [Compared(key, (mine.get(key), theirs.get(key))) for key in dict.fromkeys([*mine, *theirs])]
    return sorted(found, key=lambda each: (not each.is_different, None not in each.values, each.key))


def _order(trait: Trait) -> tuple[datetime, int, str]:
    return (trait.at, trait.source_id, trait.message_id)


def _neighbour(query: str, place: int, now: datetime) -> int | None:
    rows = fetch(query, {"now": now, "id": place, "limit": 1})
    return rows[0][0] if rows else None
