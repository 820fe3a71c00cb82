"""Who runs a job now: one process at a time, and a frozen one loses it. The database's clock decides.

A job is a row with `state`, `started_at`, `lease_owner` and `lease_until`; its states are `queued` and `running` while it
is to be run.
"""

from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce, Now

LEASE = timedelta(seconds=30)

Job = TypeVar("Job", bound=Model)

_QUEUED, _RUNNING = "queued", "running"


class LeaseLost(Exception):
    """Another process runs the job by now; whatever this one still had in hand, the other does again."""


class Leases(Generic[Job]):
    """The leases of one kind of job."""

    def __init__(self, jobs: type[Job]) -> None:
        self._jobs: Any = jobs

    def take(self, job_id: int) -> UUID | None:
        """Become the one who runs it; None when it is not to be run, or somebody else runs it."""
        owner = uuid4()
        taken = (
            self._free()
            .filter(pk=job_id)
            .update(
                state=_RUNNING,
                lease_owner=owner,
                lease_until=Now() + LEASE,
                started_at=Coalesce(F("started_at"), Now()),
            )
        )
        return owner if taken else None

    def renew(self, job_id: int, owner: UUID) -> None:
        """Keep it while something takes long. Raises LeaseLost."""
        if not self.held(job_id, owner).update(lease_until=Now() + LEASE):
            raise LeaseLost

    def release(self, job_id: int, owner: UUID) -> None:
        """Let others run it at once."""
        self.held(job_id, owner).update(lease_owner=None, lease_until=None)

    def held(self, job_id: int, owner: UUID) -> "QuerySet[Job]":
        """The job as long as the owner has it: a change through this is fenced."""
        found: QuerySet[Job] = self._jobs.objects.filter(pk=job_id, lease_owner=owner)
        return found

    def without_runner(self) -> "QuerySet[Job]":
        """The jobs that should run and that nobody runs, oldest first."""
        return self._free().order_by("pk")

    def _free(self) -> "QuerySet[Job]":
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        found: QuerySet[Job] = self._jobs.objects.filter(free, state__in=[_QUEUED, _RUNNING])
        return found
