"""Telling staff that events wait in quarantine, and that they do no longer; and whoever began a job how it ended."""

from datetime import datetime

from django.db.models import Count

from compliance.notices import notify, only, over_but, seeing
from ingestion.enums import QuarantineState
from ingestion.models import Quarantined, Resend, Source

_KIND = "quarantine"


def tell(*, now: datetime) -> None:
    """Tell of each source of which events wait; to be called now and then."""
    waiting = dict(
        Quarantined.objects.filter(state=QuarantineState.OPEN)
        .order_by()
        .values_list("source")
        .annotate(n=Count("pk"))
    )
    for source in Source.objects.filter(pk__in=waiting):
        count = waiting[source.pk]
        notify(
            _KIND,
            f"{count:,} event{'s' if count > 1 else ''} of {source.name} wait{'' if count > 1 else 's'} in quarantine",
            "They break the tracking plan. Mend them and send them on, or discard them; after 90 days they are discarded.",
            link=f"/admin/quarantine/?source={source.pk}", audience=seeing(source.pk), now=now, key=_key(source.pk),
        )  # fmt: skip
    over_but(_KIND, [_key(source_id) for source_id in waiting], now=now)


def _key(source_id: int) -> str:
    return f"source:{source_id}"


def tell_done(job: Resend, *, now: datetime) -> None:
    """The job is through. To be called in the transaction that ends it."""
    body = (
        f"Still breaking the plan: {job.kept:,}. Mend them with other steps, or change the plan. "
        if job.kept
        else ""
    )
    body += f"Of people who are suppressed, and not kept: {job.suppressed:,}." if job.suppressed else ""
    _tell(job, f"{job.sent:,} of {job.asked:,} events went on out of quarantine", body.strip(), now)


def tell_cancelled(job: Resend, opened: int, *, by_name: str, now: datetime) -> None:
    """Somebody cancelled the job. Who did so to their own knows it."""
    if by_name != job.created_by:
        subject = f"Sending events of {job.source.name} out of quarantine was cancelled by {by_name}"
        _tell(job, subject, f"Gone on: {job.sent:,} of {job.asked:,}. Waiting again: {opened:,}.", now)


def _tell(job: Resend, subject: str, body: str, now: datetime) -> None:
    notify(
        "job_finished", subject, body, link=f"/admin/quarantine/jobs/{job.pk}/", audience=only(job.created_by), now=now,
    )  # fmt: skip
