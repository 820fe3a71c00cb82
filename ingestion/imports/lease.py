"""Who runs an import now: one process at a time, and a frozen one loses it. The database's clock decides."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from ingestion.enums import ImportState
from ingestion.models import FileImport

LEASE = timedelta(seconds=30)


class LeaseLost(Exception):
    """Another process runs the import by now; whatever this one still had in hand, the other does again."""


def take_lease(import_id: int) -> UUID | None:
    """Become the one who runs it; None when it is not to be run, or somebody else runs it."""
    owner = uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    taken = FileImport.objects.filter(
        free, pk=import_id, state__in=[ImportState.QUEUED, ImportState.RUNNING]
    ).update(
        state=ImportState.RUNNING,
        lease_owner=owner,
        lease_until=Now() + LEASE,
        started_at=Coalesce(F("started_at"), Now()),
    )
    return owner if taken else None


def renew_lease(import_id: int, owner: UUID) -> None:
    """Keep it while something takes long. Raises LeaseLost."""
    held = FileImport.objects.filter(pk=import_id, lease_owner=owner)
    if not held.update(lease_until=Now() + LEASE):
        raise LeaseLost


def release_lease(import_id: int, owner: UUID) -> None:
    """Let others run it at once."""
    FileImport.objects.filter(pk=import_id, lease_owner=owner).update(lease_owner=None, lease_until=None)


def without_runner() -> list[int]:
    """The imports of uploads that should run and that nobody runs, oldest first.

    A file that lies elsewhere is read by the command that was told of it; no worker may be able to see it.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    due = FileImport.objects.filter(free, uploaded=True, state__in=[ImportState.QUEUED, ImportState.RUNNING])
    return list(due.order_by("pk").values_list("pk", flat=True))
