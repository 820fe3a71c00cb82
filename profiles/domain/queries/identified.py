"""Whom an identifier leads to: one person, or what several people have in common."""

from typing import NamedTuple

from compliance.access import Actor
from profiles.domain.queries.household_rows import Household
from profiles.domain.queries.households import household_written
from profiles.domain.queries.people import people_identified
from profiles.domain.queries.shown import Person


class Identified(NamedTuple):
    """The person, if there is one; else the group, household or shared value that it is the identifier of."""

    people: list[Person]
    household: Household | None


def identified(actor: Actor, identifier: str, *, in_address: bool = False) -> Identified:
    """What has this identifier, written `namespace:value`. Raises UnreadableIdentifier, AccessDenied."""
    people = people_identified(actor, identifier, in_address=in_address)
    return Identified(people, None if people else household_written(actor, identifier))
