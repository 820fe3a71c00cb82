"""Two people by their ids, before somebody says that they are one."""

from uuid import UUID

from compliance.access import Actor, require
from compliance.enums import Operation
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.shown import Person


def two_people(actor: Actor, first: UUID, second: UUID | None) -> tuple[Person, Person | None]:
    """Whoever holds these ids. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.IDENTITY_DECIDE)
    return known_person(actor, first), known_person(actor, second) if second else None
