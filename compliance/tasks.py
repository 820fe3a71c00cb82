"""Background jobs of compliance: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime

from celery import shared_task

from compliance.notices import digest, mailing


def _now() -> datetime:
    return datetime.now(UTC)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def send_notices() -> None:
    """Send the e-mails that are due."""
    mailing.send_due(clock=_now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def make_digests() -> None:
    """Make the digests of the day."""
    digest.make_digests(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_old_notices() -> None:
    """Forget what staff were told long ago."""
    digest.forget_old(now=_now())
