"""From a person to the ids that their events carry: the way back from `arrivals`."""

from typing import NamedTuple
from uuid import UUID

from compliance.access import Actor, category_of_namespace, masked, require
from compliance.enums import Operation
from profiles.domain.queries.finding import Gone, UnknownPerson
from profiles.domain.queries.permission import UseDenied, holder_for
from profiles.identity.values import plain
from profiles.models import Identifier

MOST = 20  # of a kind: somebody has few devices in use at a time
_KEYS = ("user_id", "anonymous_id")


class IdsInEvents(NamedTuple):
    """A person by the live id, and the newest ids that their events carry, as sources send them: others may have had them before."""

    id: UUID
    user_ids: tuple[str, ...]
    anonymous_ids: tuple[str, ...]


def ids_in_events(actor: Actor, profile_id: UUID) -> IdsInEvents | None:
    """By which ids to look for events of whoever holds this id; None when nobody does. Shows nothing of the person.

    Kinds of ids that the actor may not see are left out. Raises AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    try:
        held = holder_for(actor, profile_id)
    except (UnknownPerson, Gone, UseDenied):
        return None
    found = [() if masked(actor, category_of_namespace(key)) else _values(held.row, key) for key in _KEYS]
    return IdsInEvents(held.id, *found)


def _values(row: int, key: str) -> tuple[str, ...]:
    own = Identifier.objects.filter(profile_id=row, namespace__key=key).order_by("-id")
    return tuple(dict.fromkeys(plain(value) for value in own.values_list("value", flat=True)[:MOST]))
