"""All that the page of a person shows at first sight, in one question."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor
from profiles.domain.queries.activity import Activity, activity
from profiles.domain.queries.finding import UnknownPerson
from profiles.domain.queries.identifiers import HeldIdentifier, identifiers
from profiles.domain.queries.paging import Page
from profiles.domain.queries.people import Person, person
from profiles.domain.queries.timeline import TimelineFilter, TimelineItem
from profiles.domain.queries.timeline_search import search_timeline
from profiles.domain.queries.traits import Trait, traits


@dataclass(frozen=True, slots=True)
class Overview:
    """A person, and the first page of each of their lists."""

    person: Person
    traits: list[Trait]
    events: Page[TimelineItem]
    identifiers: Page[HeldIdentifier]
    activity: Activity


def overview(
    actor: Actor, profile_id: UUID, *, now: datetime, filters: TimelineFilter | None = None, text: str = ""
) -> Overview:
    """Whoever holds this id now. Raises UnknownPerson, Gone, AccessDenied."""
    found = known_person(actor, profile_id)
    return Overview(
        person=found,
        traits=traits(actor, found.id),
        events=search_timeline(actor, found.id, text=text, filters=filters),
        identifiers=identifiers(actor, found.id),
        activity=activity(actor, found.id, now=now),
    )


def known_person(actor: Actor, profile_id: UUID) -> Person:
    """Whoever holds this id now. Raises UnknownPerson, Gone, AccessDenied."""
    found = person(actor, profile_id)
    if found is None:
        raise UnknownPerson
    return found
