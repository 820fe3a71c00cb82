"""Reconciliations as jobs: asked for, claimed by one process at a time, followed, cancelled, finished."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from cdp_site.models import Reconciliation
from cdp_site.reconciliation.enums import RunState
from cdp_site.reconciliation.results import MinuteCount
from cdp_site.reconciliation.run import Outcome, Reconciling, Surroundings
from compliance.access import Actor, require
from compliance.audit import record_change, record_read
from compliance.enums import Category, Operation
from ingestion.domain.spools import spools_elsewhere
from streaming.contracts.log import EventLog, LogError
from streaming.database import connect
from streaming.domain.running import remembered_for

SILENT = timedelta(minutes=10)
"""After so long without progress nobody waits for a reconciliation: whoever made it probably died."""
RESUMED_FOR = timedelta(days=1)
_EVERY = timedelta(seconds=1)
_LOCKS = 0x5245_434F


class ReconciliationFailed(Exception):
    """The log or the database is away, or the reconciliation was cancelled; says what."""


class _Cancelled(Exception):
    pass


def ask(*, by: Actor, now: datetime) -> Reconciliation:
    """Have a reconciliation made; the one that is still open, if there is one. Raises AccessDenied."""
    require(by, Operation.PIPELINE_OPERATE)
    made = open_one(now=now)
    if made is None:
        made = Reconciliation.objects.create(asked_by=by.name, asked_at=now)
        record_change(by, action="pipeline.reconcile.ask", target=str(made))
    return made


def cancel(run_id: int, *, by: Actor) -> None:
    """Have an open reconciliation end soon; one that nobody began ends at once. Raises AccessDenied."""
    require(by, Operation.PIPELINE_OPERATE)
    rows = Reconciliation.objects.filter(pk=run_id)
    waiting = rows.filter(state=RunState.QUEUED).update(state=RunState.CANCELLED, cancel_asked=True)
    if waiting or rows.filter(state=RunState.RUNNING).update(cancel_asked=True):
        record_change(by, action="pipeline.reconcile.cancel", target=f"reconciliation {run_id}")


def open_one(*, now: datetime) -> Reconciliation | None:
    """The reconciliation that is queued or running, unless whoever ran it has died."""
    alive = Q(state=RunState.RUNNING, progressed_at__gt=now - SILENT)
    return Reconciliation.objects.filter(alive | Q(state=RunState.QUEUED, asked_at__gt=now - SILENT)).first()


def abandoned(*, now: datetime) -> list[int]:
    """The ids of those that somebody began and does not go on with: `perform` makes them, if whoever did died."""
    silent = Q(state=RunState.RUNNING, progressed_at__lte=now - SILENT, asked_at__gt=now - RESUMED_FOR)
    return list(Reconciliation.objects.filter(silent).values_list("pk", flat=True))


@contextmanager
def alone(run_id: int) -> Iterator[bool]:
    """Whether nobody else makes this reconciliation; nobody can within the block. Raises psycopg.OperationalError.

    It is a lock of a session: it goes with the process, however that ends.
    """
    with closing(connect(autocommit=True, application_name="headwater reconcile lock")) as session:
        yield session.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, run_id]).fetchone() == (True,)


def perform(
    run_id: int, *, by: Actor, log: EventLog, clock: Callable[[], datetime], with_minutes: bool = False
) -> list[MinuteCount] | None:
    """Reconcile, unless somebody else does or it is done; the counts by minute when asked, None if not done here.

    Raises ReconciliationFailed when it cannot be finished, which the row says, too, and AccessDenied.
    """
    require(by, Operation.PIPELINE_VIEW)
    try:
        with alone(run_id) as is_alone:
            if not (is_alone and _claim(run_id, clock())):
                return None
            return _make(run_id, by, log, clock, with_minutes=with_minutes)
    except psycopg.OperationalError as error:
        raise ReconciliationFailed(f"the database cannot be reached: {error}") from error


def _make(
    run_id: int, by: Actor, log: EventLog, clock: Callable[[], datetime], *, with_minutes: bool
) -> list[MinuteCount]:
    try:
        elsewhere = spools_elsewhere(_spool(), host=settings.HOST_NAME, now=clock())
        outcome = _reconcile(run_id, log, clock, with_minutes=with_minutes)
    except _Cancelled:
        _end(run_id, clock(), RunState.CANCELLED)
        raise ReconciliationFailed("the reconciliation was cancelled") from None
    except (LogError, psycopg.Error, DatabaseError, OSError) as error:
        _end(run_id, clock(), RunState.FAILED, trouble=str(error).partition("\n")[0])
        raise ReconciliationFailed(f"the pipeline cannot be reconciled now: {error}") from error
    _end(
        run_id,
        clock(),
        RunState.UNBALANCED if outcome.findings else RunState.BALANCED,
        findings=outcome.findings,
        since=outcome.since,
        topics=outcome.topics,
        downstream=outcome.downstream,
        elsewhere=[{**each._asdict(), "since": each.since.isoformat()} for each in elsewhere],
    )
    record_read(
        by, action="pipeline.reconcile", target=f"reconciliation {run_id}", categories=[Category.BEHAVIOUR],
        detail={"findings": outcome.findings},
    )  # fmt: skip
    return outcome.minutes


def _reconcile(run_id: int, log: EventLog, clock: Callable[[], datetime], *, with_minutes: bool) -> Outcome:
    window = timedelta(days=settings.SPOOL_WINDOW_DAYS)
    around = Surroundings(log, _spool(), window, remembered_for(log), clock)
    return Reconciling(around, _known(), _Follow(run_id, clock)).run(run_id, with_minutes=with_minutes)


def _spool() -> Path:
    spool: Path = settings.HEADWATER_HOME / "spool"
    return spool


def _claim(run_id: int, now: datetime) -> bool:
    """Whether it is still to be made. One that runs although whoever asks is alone with it was left behind."""
    rows = Reconciliation.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING), pk=run_id)
    return rows.update(state=RunState.RUNNING, started_at=now, progressed_at=now) == 1


def _known() -> dict[str, dict[str, str | None]]:
    """What the last finished reconciliation knew of topics."""
    finished = Reconciliation.objects.filter(state__in=(RunState.BALANCED, RunState.UNBALANCED))
    return finished.values_list("topics", flat=True).first() or {}


def _end(run_id: int, now: datetime, state: RunState, **values: object) -> None:
    Reconciliation.objects.filter(pk=run_id).update(state=state, finished_at=now, progressed_at=now, **values)


class _Follow:
    """Tells the row how far it is, once a second, and ends the reconciliation when somebody cancelled it."""

    def __init__(self, run_id: int, clock: Callable[[], datetime]) -> None:
        self._rows, self._clock, self._next = Reconciliation.objects.filter(pk=run_id), clock, clock()

    def __call__(self, read: int, total: int) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _EVERY
        self._rows.update(records_read=read, records=total, progressed_at=now)
        if self._rows.filter(cancel_asked=True).exists():
            raise _Cancelled
