"""The list of people on the screen: whom a search finds, else those who came last."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from compliance.access import Actor, hidden, require
from compliance.enums import Category, Operation
from compliance.sources import sees_all_sources
from profiles.domain.queries.activity import event_counts
from profiles.domain.queries.household_rows import Household
from profiles.domain.queries.households import household_written
from profiles.domain.queries.of_sources import listed
from profiles.domain.queries.paging import Page, bounded, read_cursor
from profiles.domain.queries.people import admitted_people
from profiles.domain.queries.permission import Admission, usable_page
from profiles.domain.queries.search import TooBroad, search
from profiles.domain.queries.shown import Person
from streaming.row_ids import MOST_ID

_LISTING = "profiles.newest"
_OLDER = "SELECT p.id FROM profiles_profile p WHERE p.id < %(last)s {known} ORDER BY p.id DESC LIMIT %(most)s"
_NEWER = "SELECT p.id FROM profiles_profile p WHERE p.id > %(last)s {known} ORDER BY p.id LIMIT %(most)s"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of people, and how many events each has, by row.

    `household` is what the text is the identifier of, when several people have that: nobody is found by it alone.
    """

    page: Page[Person]
    events: Mapping[int, int]
    household: Household | None = None

    @classmethod
    def nobody(cls) -> "Listing":
        """A list without anybody in it."""
        return cls(Page([]), {})


def listing(actor: Actor, *, text: str = "", cursor: str | None = None, limit: int = 50) -> Listing:
    """Whom the text finds, or without one the newest people. Raises InvalidCursor, TooBroad, AccessDenied."""
    page = (
        search(actor, text, cursor=cursor, limit=limit) if text else newest(actor, cursor=cursor, limit=limit)
    )
    shared = household_written(actor, text) if text and not cursor else None
    tells = sees_all_sources(actor) and not hidden(actor, Category.BEHAVIOUR)
    rows = [person.row for person in page.items] if tells else []
    return Listing(page, event_counts(rows), shared)


def only_one(actor: Actor, text: str) -> UUID | None:
    """The id of the person whom the text finds, when it finds exactly one. Raises AccessDenied."""
    try:
        found = search(actor, text, limit=2).items
    except TooBroad:
        return None
    return found[0].id if len(found) == 1 else None


def newest(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Person]:
    """All people, those that came last first. Raises InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    backwards = start is not None and start.backwards

    query = _NEWER if backwards else _OLDER
    admission = Admission(actor)
    page, _ = usable_page(
        admission, start, limit, _LISTING,
        lambda last, most: listed(actor, query, {"last": last or MOST_ID, "most": most}, person="p.id"),
    )  # fmt: skip
    return Page(admitted_people(admission, page.items, "people.newest", {}), page.next, page.previous)
