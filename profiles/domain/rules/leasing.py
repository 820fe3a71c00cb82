"""Who measures or applies a change: one process at a time, and a dead one loses it. The database's clock decides."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from profiles.enums import ChangeState
from profiles.models import RuleChange

LEASE = timedelta(seconds=60)
TO_MEASURE = (ChangeState.DRAFT, ChangeState.MEASURING)
TO_APPLY = (ChangeState.APPLYING,)


def without_runner(states: tuple[ChangeState, ...]) -> list[int]:
    """The changes in these states that nobody works on, the oldest first."""
    return list(_free(states).order_by("pk").values_list("pk", flat=True))


def take_lease(change_id: int, states: tuple[ChangeState, ...], state: ChangeState) -> UUID | None:
    """Become the one who works on a change in one of these states, which then is in `state`; None when not free."""
    owner = uuid4()
    free = _free(states).filter(pk=change_id)
    return owner if free.update(state=state, lease_owner=owner, lease_until=Now() + LEASE) else None


def keep_lease(change_id: int, owner: UUID, while_in: ChangeState, **fields: object) -> bool:
    """Note how far the change is and go on; False when it was called off, or somebody else has it."""
    own = RuleChange.objects.filter(pk=change_id, lease_owner=owner, state=while_in)
    return bool(own.update(**{"lease_until": Now() + LEASE, **fields}))


def release_lease(change_id: int, owner: UUID) -> None:
    """Let others go on at once."""
    own = RuleChange.objects.filter(pk=change_id, lease_owner=owner)
    own.update(lease_owner=None, lease_until=None)


def _free(states: tuple[ChangeState, ...]) -> QuerySet[RuleChange]:
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return RuleChange.objects.filter(free, state__in=states)
