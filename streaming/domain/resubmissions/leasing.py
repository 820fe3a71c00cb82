"""Who runs a job now: one process at a time, and a frozen one loses it. The database's clock decides."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from streaming.enums import ResubmissionState
from streaming.models import Resubmission

LEASE = timedelta(seconds=30)


def _due() -> QuerySet[Resubmission]:
    """Jobs that should run and that nobody runs. Those of one consumer go one after the other, as they were made."""
    active = Resubmission.objects.filter(state__in=ResubmissionState.active())
    earlier = active.filter(consumer=OuterRef("consumer"), pk__lt=OuterRef("pk"))
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return active.filter(free, ~Exists(earlier))


def take_lease(resubmission_id: int) -> UUID | None:
    """Become the one who runs it; None when it is not to be run now, or somebody else runs it."""
    owner = uuid4()
    taken = _due().filter(pk=resubmission_id).update(
        state=ResubmissionState.RUNNING, lease_owner=owner, lease_until=Now() + LEASE,
        started_at=Coalesce(F("started_at"), Now()),
    )  # fmt: skip
    return owner if taken else None


def release_lease(resubmission_id: int, owner: UUID) -> None:
    """Let others run it at once."""
    Resubmission.objects.filter(pk=resubmission_id, lease_owner=owner).update(
        lease_owner=None, lease_until=None
    )


def without_runner() -> list[int]:
    """The jobs that are due and that nobody runs, the oldest first."""
    due = _due().filter(Q(next_at=None) | Q(next_at__lte=Now()))
    return list(due.order_by("pk").values_list("pk", flat=True))
