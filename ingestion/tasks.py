"""Background jobs of ingestion: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime
from threading import Event
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from compliance.access import Actor
from ingestion.domain import event_names
from ingestion.domain.catalogue.expiring import expire
from ingestion.domain.quarantine import deciding, resending, telling
from ingestion.domain.webhooks import recent
from ingestion.imports import lease, running, uploads
from ingestion.sources import runs
from ingestion.sources.files import copies
from ingestion.sources.resuming import RESUMES_EVERY
from ingestion.sources.running import run_connection as run_one
from ingestion.sources.threads import THREADS
from ingestion.sources.turns import next_in_turn, waiting_runs
from streaming.event_log import event_log

SLICE_S = 20.0
RESUMED_AT_ONCE = 4
SOURCES_AT_ONCE = 100

_stopping = Event()


def _now() -> datetime:
    return datetime.now(UTC)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def run_import(*, import_id: int) -> None:
    """Run an import for a while, and leave the rest to the next task: a worker can be stopped in between.

    One that has to wait is left to `resume_imports`, which looks every few seconds.
    """
    outcome = running.run_import(import_id, log=event_log(), clock=_now, seconds=SLICE_S)
    if outcome == running.Outcome.MORE:
        run_import.delay(import_id=import_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_imports() -> None:
    """Have imports run that should and that nobody runs, whatever became of their task."""
    for import_id in lease.without_runner()[:RESUMED_AT_ONCE]:
        run_import.delay(import_id=import_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def delete_old_uploads() -> None:
    """Delete uploaded files that are no longer needed."""
    uploads.delete_old_uploads(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def delete_unused_copies() -> None:
    """Delete copies of other systems' files that nobody reads any more."""
    copies.delete_unused_copies()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_webhook_payloads() -> None:
    """Delete the payloads of webhooks that were kept for the preview long enough."""
    recent.forget_payloads(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def create_event_topics() -> None:
    """Give a topic to each event name that has none."""
    event_names.create_event_topics(event_log())


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def run_connection(*, run_id: int) -> None:
    """Read a stream for a while, and leave the rest to the next task, behind the other streams of its connection.

    One that has to wait is left to `resume_connection_runs`, which looks every few seconds. These tasks have a queue and
    threads of their own: a source that hangs holds up no other job.
    """
    outcome = run_one(run_id, log=event_log(), clock=_now, seconds=SLICE_S, stopping=_stopping.is_set)
    if outcome in (running.Outcome.MORE, running.Outcome.ENDED):
        following = next_in_turn(run_id, now=_now())
        if following is not None:
            run_connection.delay(run_id=following)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def start_connection_run(*, stream_id: int) -> None:
    """Begin a run that is due by the schedule of its stream, unless one is under way or the source is left alone."""
    begun = runs.start_due_run(stream_id, by=Actor.system("schedule"), now=_now())
    if begun is not None:
        run_connection.delay(run_id=begun.pk)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_connection_runs() -> None:
    """Have runs go on that should and that nobody runs, whatever became of their task; begin those that need no schedule.

    A task that finds no thread before the next look is dropped, or each look would add some.
    """
    runs.start_continuous_runs(by=Actor.system("schedule"), now=_now())
    for run_id in waiting_runs(now=_now())[:SOURCES_AT_ONCE]:
        run_connection.apply_async(kwargs={"run_id": run_id}, expires=RESUMES_EVERY.total_seconds())


@worker_ready.connect  # type: ignore[untyped-decorator]  # celery has no types
def _know_threads(sender: Any, **_: Any) -> None:
    THREADS.total = sender.controller.concurrency


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # celery has no types
def _end_slices(**_: Any) -> None:
    """Have runs stop after the batch in hand: a worker that is told to stop waits for its tasks."""
    _stopping.set()


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def run_resend(*, resend_id: int) -> None:
    """Send events out of quarantine for a while, and leave the rest to the next task."""
    again = resending.run(resend_id, clock=_now, seconds=SLICE_S)
    if again is not None:
        run_resend.apply_async(kwargs={"resend_id": resend_id}, countdown=again)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_resends() -> None:
    """Have jobs run that send events out of quarantine and that nobody runs, whatever became of their task."""
    for resend_id in resending.without_runner()[:RESUMED_AT_ONCE]:
        run_resend.delay(resend_id=resend_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def tell_of_quarantine() -> None:
    """Tell staff of what waits in quarantine."""
    telling.tell(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_quarantined() -> None:
    """Discard what nobody decided about in time, and forget old decisions."""
    while deciding.forget_old(now=_now()):
        pass


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def expire_catalogue() -> None:
    """Forget examples and old numbers of the catalogue."""
    expire(now=_now())
