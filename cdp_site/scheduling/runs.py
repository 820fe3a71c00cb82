"""The runs of periodic jobs: numbered without a gap, each recorded in the transaction that dispatches it."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django_celery_beat.models import PeriodicTask

from cdp_site.broker.sessions import enlisted
from cdp_site.scheduling import lease
from streaming.runtime.failpoints import reach

KEPT_RUNS = 100

_NUMBERS = "SELECT job, max(number) FROM scheduler_run GROUP BY job"
_RECORD = (
    "INSERT INTO scheduler_run (job, number, term, due_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_FORGET = "DELETE FROM scheduler_run WHERE job = %s AND number <= %s"


class NotDispatched(Exception):
    """Another scheduler acts, or has dispatched this very run."""


def last_numbers() -> dict[str, int]:
    """The number of each job's last run."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS)
        return dict(cursor.fetchall())


def dispatch(
    job: str, number: int, send: Callable[[], object], *, term: int, at: datetime, within: bool
) -> None:
    """Dispatch a run that was found due `at` and record it, or neither. Raises NotDispatched, django.db.Error.

    With `within`, what is sent is part of the transaction. Otherwise it is sent once the record is committed, so that
    a scheduler which dies in between leaves a run out, and none is had twice.
    """
    with transaction.atomic():
        if not lease.holds(term):
            raise NotDispatched(f"the lease of term {term} was lost before run {number} of {job!r}")
        _record(job, number, term, at)
        if within:
            with enlisted(connection.connection):
                send()
        reach("scheduler.before_commit")
    if not within:
        send()


def _record(job: str, number: int, term: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [job, number, term, at])
        if not cursor.rowcount:
            raise NotDispatched(f"run {number} of {job!r} was dispatched before")
        cursor.execute(_FORGET, [job, number - KEPT_RUNS])
    PeriodicTask.objects.filter(name=job).update(last_run_at=at, total_run_count=F("total_run_count") + 1)
