"""All that the page of a person shows at first sight, in one question."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, hidden
from compliance.enums import Category
from profiles.domain.queries.activity import Activity, activity
from profiles.domain.queries.finding import UnknownPerson
from profiles.domain.queries.identifiers import HeldIdentifier, identifiers
from profiles.domain.queries.paging import Page
from profiles.domain.queries.people import person
from profiles.domain.queries.shown import Person
from profiles.domain.queries.timeline import TimelineFilter
from profiles.domain.queries.timeline_visits import FoldedTimeline, folded_timeline
from profiles.domain.queries.traits import Trait, traits


@dataclass(frozen=True, slots=True)
class Overview:
    """A person, and the first page of each of their lists; where behaviour is hidden nothing of what they did."""

    person: Person
    traits: list[Trait]
    identifiers: Page[HeldIdentifier]
    events: FoldedTimeline | None
    activity: Activity | None


def overview(
    actor: Actor, profile_id: UUID, *, now: datetime, filters: TimelineFilter | None = None, text: str = ""
) -> Overview:
    """Whoever holds this id now. Raises UnknownPerson, Gone, AccessDenied."""
    found = known_person(actor, profile_id)
    omits = hidden(actor, Category.BEHAVIOUR)
    return Overview(
        person=found,
        traits=traits(actor, found.id),
        events=None if omits else folded_timeline(actor, found.id, text=text, filters=filters),
        identifiers=identifiers(actor, found.id),
        activity=None if omits else activity(actor, found.id, now=now),
    )


def known_person(actor: Actor, profile_id: UUID) -> Person:
    """Whoever holds this id now. Raises UnknownPerson, Gone, AccessDenied."""
    found = person(actor, profile_id)
    if found is None:
        raise UnknownPerson
    return found
