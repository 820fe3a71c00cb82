"""Port: who is behind arriving events. People belong to another app; until it is connected, nobody is known."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from compliance.access import Actor, require
from compliance.enums import Category, Operation


class EventIds(NamedTuple):
    """The ids that an event carries; None where it has none. `at` is the event's own time; None stands for now."""

    user_id: str | None
    anonymous_id: str | None
    at: datetime | None = None


class KnownPerson(NamedTuple):
    """The person behind an event: the live id, and a name as far as the actor may see one."""

    id: UUID
    name: str


class PersonIds(NamedTuple):
    """A person by the live id, and the newest ids that their events carry: others may have had them before."""

    id: UUID
    user_ids: tuple[str, ...]
    anonymous_ids: tuple[str, ...]


class SeveralPeople(LookupError):
    """More than one person matches, maybe more than can be counted."""

    def __init__(self) -> None:
        super().__init__("Several people match: say more of the name, or an id or e-mail address of one.")


PeopleBehind = Callable[[Actor, Collection[EventIds]], Mapping[EventIds, KnownPerson]]
Usable = Callable[[Actor, Collection[EventIds]], Collection[EventIds]]
PersonNamed = Callable[[Actor, str], KnownPerson | None]
IdsOf = Callable[[Actor, UUID], PersonIds | None]

KEPT = timedelta(seconds=15)
_MOST_KEPT = 1000
_Asked = tuple[UUID, frozenset[Category], frozenset[int] | None]
_people: list[PeopleBehind] = []
_usable: list[Usable] = []
_search: list[tuple[PersonNamed, IdsOf]] = []
_found: dict[_Asked, tuple[datetime, PersonIds | None]] = {}


def register_people(people: PeopleBehind) -> None:
    """Have `people` answer. It checks and records what the actor may see, in a fixed number of queries."""
    _people[:] = [people]


def register_usable(usable: Usable) -> None:
    """Have `usable` say which of these ids are of people whom the actor may use; of what nobody has yet it names none."""
    _usable[:] = [usable]


def register_people_search(named: PersonNamed, ids_of: IdsOf) -> None:
    """Have these answer. Both check what the actor may see; `named` raises SeveralPeople when a text finds several."""
    _search[:] = [(named, ids_of)]
    _found.clear()


def people_behind(actor: Actor, ids: Collection[EventIds]) -> Mapping[EventIds, KnownPerson]:
    """Who had each of these ids at that time, by what is known now; those that nobody has yet are absent."""
    asked = {each for each in ids if each.user_id or each.anonymous_id}
    return _people[0](actor, asked) if _people and asked else {}


def usable_behind(actor: Actor, ids: Collection[EventIds]) -> Collection[EventIds]:
    """Those of these ids whose people are known and may be used for what the actor is bound to; none until it is connected."""
    asked = {each for each in ids if each.user_id or each.anonymous_id}
    return _usable[0](actor, asked) if _usable and asked else ()


def person_named(actor: Actor, text: str) -> KnownPerson | None:
    """Whom an id, an identifier or a name finds; None: nobody. Raises SeveralPeople, AccessDenied."""
    return _search[0][0](actor, text) if _search and text else None


def ids_of_person(actor: Actor, person: UUID) -> PersonIds | None:
    """What the events of whoever holds this id carry; None when nobody holds it. Raises AccessDenied.

    What was found holds for KEPT: a page that watches a person asks each second, and who is behind an event is asked
    for each event anyway.
    """
    require(actor, Operation.PEOPLE_VIEW)
    if not _search:
        return None
    now, asked = timezone.now(), (person, actor.categories, actor.sources)
    at, found = _found.get(asked) or (None, None)
    if at is None or not timedelta() <= now - at < KEPT:
        found = _search[0][1](actor, person)
        if len(_found) >= _MOST_KEPT:
            _found.clear()
        _found[asked] = now, found
    return found
