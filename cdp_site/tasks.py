"""Background jobs of the composition root: each makes one domain call and can be repeated at any time."""

import logging
from datetime import UTC, datetime

from celery import shared_task

from cdp_site.reconciliation import jobs
from cdp_site.watching import watch
from compliance.access import Actor
from streaming.event_log import event_log

BY = Actor.system("schedule")
logger = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def reconcile(*, run_id: int) -> None:
    """Make a reconciliation that was asked for; its row says how it ended."""
    try:
        jobs.perform(run_id, by=BY, log=event_log(), clock=_now)
    except jobs.ReconciliationFailed as failed:
        logger.warning("reconciliation %d: %s", run_id, failed)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def reconcile_nightly() -> None:
    """Have one made each night, unless one is being made."""
    asked = jobs.ask(by=BY, now=_now())
    reconcile.delay(run_id=asked.pk)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_reconciliations() -> None:
    """Have those made whose worker died over them."""
    for run_id in jobs.abandoned(now=_now()):
        reconcile.delay(run_id=run_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def watch_installation() -> None:
    """Have people told of what is wrong."""
    watch(now=_now())
