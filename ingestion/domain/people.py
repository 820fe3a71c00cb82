"""Port: who is behind arriving events. People belong to another app; until it is connected, nobody is known."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from compliance.access import Actor


class EventIds(NamedTuple):
    """The ids that an event carries; None where it has none."""

    user_id: str | None
    anonymous_id: str | None


class KnownPerson(NamedTuple):
    """The person behind an event: the live id, and a name as far as the actor may see one."""

    id: UUID
    name: str


PeopleBehind = Callable[[Actor, Collection[EventIds]], Mapping[EventIds, KnownPerson]]

_people: list[PeopleBehind] = []


def register_people(people: PeopleBehind) -> None:
    """Have `people` answer. It checks and records what the actor may see, in a fixed number of queries."""
    _people[:] = [people]


def people_behind(actor: Actor, ids: Collection[EventIds]) -> Mapping[EventIds, KnownPerson]:
    """Who has each of these ids now; those that nobody has yet are absent."""
    asked = {each for each in ids if each.user_id or each.anonymous_id}
    return _people[0](actor, asked) if _people and asked else {}
