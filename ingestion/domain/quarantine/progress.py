"""How far a job that sends events out of quarantine has come."""

from dataclasses import dataclass
from datetime import datetime

from ingestion.enums import ResendState
from ingestion.models import Resend


@dataclass(frozen=True, slots=True)
class Progress:
    """For screens: how many are done, the share of all, the rate, and the time left at this rate."""

    done: int
    fraction: float
    per_second: float
    remaining_seconds: float | None


def progress_of(job: Resend, *, now: datetime) -> Progress:
    """How far the job has come as of now; what has ended, as of its end."""
    done = job.sent + job.kept + job.suppressed
    fraction = min(1.0, done / job.asked) if job.asked else 1.0
    seconds = ((job.ended_at or now) - job.started_at).total_seconds() if job.started_at else 0.0
    rate = done / seconds if seconds > 0 else 0.0
    left = max(0, job.asked - done) / rate if rate and job.state == ResendState.RUNNING else None
    return Progress(done, fraction, rate, left)
