"""Telling whoever began a job how it ended."""

from datetime import datetime

from streaming.domain.job_ends import JobEnd, tell_job_end
from streaming.models import Resubmission


def tell_done(resubmission_id: int, *, now: datetime) -> None:
    """The job is through. To be called in the transaction that ends it."""
    job = Resubmission.objects.get(pk=resubmission_id)
    body = ""
    if job.left_open:
        body = f"Too large for the log with its headers: {job.left_open:,}. Make them smaller (edit them), or discard them."
    _tell(job, f"{job.sent:,} of {job.asked:,} dead letters of {job.consumer} went back", body, now)


def tell_cancelled(job: Resubmission, opened: int, *, by_name: str, now: datetime) -> None:
    """Somebody cancelled the job. Who did so to their own knows it."""
    if by_name != job.created_by:
        subject = f"The resubmission of dead letters of {job.consumer} was cancelled by {by_name}"
        _tell(job, subject, f"Gone back: {job.sent:,} of {job.asked:,}. Open again: {opened:,}.", now)


def _tell(job: Resubmission, subject: str, body: str, now: datetime) -> None:
    link = f"/admin/dead-letters/resubmissions/{job.pk}/"
    tell_job_end(JobEnd(job.created_by, subject, body, link), now=now)
