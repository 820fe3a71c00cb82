"""Jobs that send dead letters back, as screens and commands show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streaming.domain.oversight import look
from streaming.enums import ResubmissionState
from streaming.models import Resubmission


class UnknownResubmission(LookupError):
    """There is no such job."""


@dataclass(frozen=True, slots=True)
class ResubmissionRow:
    """A job. `per_second` is what it reached so far; `reason` is None for letters of any, or when it may not be seen."""

    id: int
    consumer: str
    reason: str | None
    rate: float | None
    state: str
    asked: int
    sent: int
    left_open: int
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    per_second: float
    remaining_seconds: float | None

    @property
    def is_active(self) -> bool:
        """Whether it goes on."""
        return self.state in ResubmissionState.active()

    @property
    def fraction(self) -> float:
        """The part of its letters that is done with."""
        return (self.sent + self.left_open) / self.asked if self.asked else 1.0


def resubmission(resubmission_id: int, *, actor: Any, now: datetime) -> ResubmissionRow:
    """One of them. Raises UnknownResubmission, and what `oversight.look` raises."""
    job = Resubmission.objects.filter(pk=resubmission_id).first()
    shows = look(
        actor, action="dead_letters.resubmissions", target=f"resubmission {resubmission_id}", found=int(job is not None)
    )  # fmt: skip
    if job is None:
        raise UnknownResubmission(f"there is no resubmission {resubmission_id}")
    return _row(job, now, shows=shows)


def resubmissions(
    *, actor: Any, now: datetime, before: int | None = None, size: int = 50
) -> list[ResubmissionRow]:
    """Jobs, the newest first, from below the id `before` on."""
    found = Resubmission.objects.order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    jobs = list(found[:size])
    shows = look(actor, action="dead_letters.resubmissions", target="resubmissions", found=len(jobs))
    return [_row(job, now, shows=shows) for job in jobs]


def _row(job: Resubmission, now: datetime, *, shows: bool) -> ResubmissionRow:
    seconds = ((job.ended_at or now) - job.started_at).total_seconds() if job.started_at else 0.0
    done = job.sent + job.left_open
    per_second = job.sent / seconds if seconds > 0 else 0.0
    is_active = job.state in ResubmissionState.active()
    remaining = (job.asked - done) / per_second if is_active and per_second else None
    return ResubmissionRow(
        job.pk, job.consumer, job.reason if shows else None, job.rate, job.state, job.asked, job.sent, job.left_open,
        job.created_at, job.created_by, job.started_at, job.ended_at, per_second, remaining,
    )  # fmt: skip
