"""Whose events staff want to watch, as profiles knows it."""

from uuid import UUID

from compliance.access import Actor
from ingestion.domain.people import KnownPerson, PersonIds, SeveralPeople
from profiles.domain.queries import TooBroad, search
from profiles.domain.queries.ids_in_events import ids_in_events

_SEVERAL = 2


def person_named(actor: Actor, text: str) -> KnownPerson | None:
    """Whom the text finds; None: nobody. Raises AccessDenied, and SeveralPeople also when they are too many to find."""
    try:
        found = search(actor, text, limit=_SEVERAL).items
    except TooBroad:
        raise SeveralPeople from None
    if len(found) >= _SEVERAL:
        raise SeveralPeople
    return KnownPerson(found[0].id, found[0].name) if found else None


def ids_of_person(actor: Actor, person: UUID) -> PersonIds | None:
    """By which ids to find their events."""
    found = ids_in_events(actor, person)
    return None if found is None else PersonIds(*found)
