"""What an export has of a person: its lists, each read page by page as the actor may see it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from compliance.access import Actor
from compliance.enums import Category
from profiles.domain.exporting.documents import (
    change,
    event,
    held_identifier,
    household,
    link,
    presence,
    trait,
    unchanged,
)
from profiles.domain.queries.behaviour import behaviour
from profiles.domain.queries.consent_history import consent_history
from profiles.domain.queries.households import households_of
from profiles.domain.queries.identifiers import identifiers
from profiles.domain.queries.lineage import lineage
from profiles.domain.queries.links_in_full import links_in_full
from profiles.domain.queries.paging import MAX_PAGE, Page
from profiles.domain.queries.sessions import sessions
from profiles.domain.queries.social import social
from profiles.domain.queries.stored import stored_consents, stored_traits
from profiles.domain.queries.timeline import timeline
from profiles.domain.queries.traits import traits

Document = dict[str, Any]


class Listing(Protocol):
    """A list of a person's that asks for access and keeps the read in the trail itself."""

    def __call__(
        self, actor: Actor, profile_id: UUID, /, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Any]:
        """A page of it."""


class Section(NamedTuple):
    """A list of the file: `key` is its name there. Where all of it is of one category, that is named."""

    key: str
    listing: Listing
    document: Callable[[Any], Any]
    category: Category | None = None

    def items(self, actor: Actor, profile_id: UUID) -> Iterator[Any]:
        """All of it. Raises what the list raises."""
        cursor: str | None = None
        while True:
            page = self.listing(actor, profile_id, cursor=cursor, limit=MAX_PAGE)
            yield from map(self.document, page.items)
            cursor = page.next
            if cursor is None:
                return


def _traits(actor: Actor, profile_id: UUID, /, *, cursor: str | None = None, limit: int = 50) -> Page[Any]:
    """The traits that count are few, and come as one page."""
    del cursor, limit
    return Page(traits(actor, profile_id))


SECTIONS: Sequence[Section] = (
    Section("identifiers", identifiers, held_identifier),
    Section("traits", _traits, trait),
    Section("trait_values", stored_traits, unchanged),
    Section("consents", stored_consents, unchanged, Category.BEHAVIOUR),
    Section("consent_history", consent_history, unchanged, Category.BEHAVIOUR),
    Section("events", timeline, event, Category.BEHAVIOUR),
    Section("visits", sessions, unchanged, Category.BEHAVIOUR),
    Section("behaviour", behaviour, unchanged, Category.BEHAVIOUR),
    Section("social", social, presence, Category.BEHAVIOUR),
    Section("households", households_of, household),
    Section("links", links_in_full, link),
    Section("merges_and_splits", lineage, change),
)
