"""Background jobs of compliance: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime

from celery import Task, shared_task

from compliance.domain import break_glass, lockout, sessions
from compliance.domain.approvals import using
from compliance.domain.directory import following
from compliance.notices import digest, mailing
from compliance.sealing import sealer, watching
from compliance.sealing.delivery import delivering


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


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def seal_audit_trail() -> None:
    """Link the rows of the audit trail that were committed."""
    sealer.seal()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def deliver_audit_anchor() -> None:
    """Say elsewhere how far the audit trail is: a job for each place, so that none waits for another."""
    for place in delivering.place_numbers():
        deliver_audit_anchor_to.apply_async(kwargs={"place": place}, expires=delivering.EACH_S)


# No retry sleeps in a thread: the job comes again.
@shared_task(bind=True, ignore_result=True, max_retries=len(delivering.PAUSES_S))  # type: ignore[untyped-decorator]  # beside it
def deliver_audit_anchor_to(self: Task, *, place: int) -> None:
    """Say at this place how far the audit trail is."""
    pause = delivering.deliver_anchor(place, tried=self.request.retries, now=_now())
    if pause is not None:
        raise self.retry(countdown=pause)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def watch_access() -> None:
    """Have people told of unusual access."""
    watching.watch_access(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def expire_approvals() -> None:
    """Have what nobody decided, or used, in time expire."""
    using.expire(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_ended_sessions() -> None:
    """Delete sessions that have expired or were left alone; with the last of them an alarm is over."""
    sessions.forget_ended(now=_now())
    break_glass.settle(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_failed_sign_ins() -> None:
    """Delete wrong passwords that no longer keep anybody out."""
    lockout.forget_old(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def follow_directory() -> None:
    """Shut out who left the directory, and give the roles of its groups."""
    following.follow(now=_now())
