"""Jobs that send dead letters back, as screens and commands show them."""

from dataclasses import dataclass
from datetime import datetime

from streaming.enums import ResubmissionState
from streaming.models import Resubmission


class UnknownResubmission(LookupError):
    """There is no such job."""


@dataclass(frozen=True, slots=True)
class ResubmissionRow:
    """A job. `per_second` is what it reached so far; `alike` is one of its letters when all have the reason of that."""

    id: int
    consumer: str
    alike: int | None
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


def resubmission(resubmission_id: int, *, now: datetime) -> ResubmissionRow:
    """One of them. Raises UnknownResubmission."""
    job = Resubmission.objects.filter(pk=resubmission_id).first()
    if job is None:
        raise UnknownResubmission(f"there is no resubmission {resubmission_id}")
    return _row(job, now)


def resubmissions(*, now: datetime, before: int | None = None, size: int = 50) -> list[ResubmissionRow]:
    """Jobs, the newest first, from below the id `before` on."""
    found = Resubmission.objects.order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_row(job, now) for job in found[:size]]


def _row(job: Resubmission, now: datetime) -> ResubmissionRow:
    seconds = ((job.ended_at or now) - job.started_at).total_seconds() if job.started_at else 0.0
    done = job.sent + job.left_open
    per_second = job.sent / seconds if seconds > 0 else 0.0
    is_active = job.state in ResubmissionState.active()
    remaining = (job.asked - done) / per_second if is_active and per_second else None
    return ResubmissionRow(
        job.pk, job.consumer, job.alike, job.rate, job.state, job.asked, job.sent, job.left_open, job.created_at,
        job.created_by, job.started_at, job.ended_at, per_second, remaining,
    )  # fmt: skip
