"""Background jobs of the pipeline: each makes one domain call and can be repeated at any time."""

import time
from datetime import UTC, datetime

from celery import shared_task

from streaming.domain.resubmissions import leasing, running
from streaming.event_log import event_log

SLICE_S = 20.0
RESUMED_AT_ONCE = 4


def _now() -> datetime:
    return datetime.now(UTC)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def apply_log_retention() -> None:
    """Let go of what the topics' settings let go; does nothing where the log does so itself."""
    event_log().apply_retention(_now())


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def run_resubmission(*, resubmission_id: int) -> None:
    """Send dead letters back for a while, and leave the rest to the next task: a worker can be stopped in between."""
    again = running.run(resubmission_id, clock=_now, pause=time.sleep, seconds=SLICE_S)
    if again is not None:
        run_resubmission.apply_async(kwargs={"resubmission_id": resubmission_id}, countdown=again)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_resubmissions() -> None:
    """Have jobs run that should and that nobody runs, whatever became of their task."""
    for resubmission_id in leasing.without_runner()[:RESUMED_AT_ONCE]:
        run_resubmission.delay(resubmission_id=resubmission_id)
