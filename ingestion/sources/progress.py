"""How far a run has come: committed with its errors and its stream's state, and told to those who watch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from compliance.notices import notify, only
from ingestion.domain.counters import CountKey, add_counts, minute_of
from ingestion.domain.leases import LEASE, LeaseLost, Leases
from ingestion.enums import RunCause, RunState
from ingestion.imports.row_errors import keep_row_errors
from ingestion.imports.taking import Taken
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.contract import State

MAX_NOTES = 20

leases = Leases(ConnectionRun)


def commit_progress(
    run: ConnectionRun,
    owner: UUID,
    taken: Taken,
    state: State,
    *,
    notes: Sequence[str],
    seconds: float,
    now: datetime,
) -> RunState:
    """Say that rows are in, and that reading goes on after `state`: all in one transaction. Returns the run's state.

    Raises LeaseLost, with nothing said, when somebody else has taken over. A cancellation that came meanwhile does not
    hold it up: what is in the log is in.
    """
    with transaction.atomic():
        held = leases.held(run.pk, owner).update(
            position=state, read=taken.end.row,
            accepted=F("accepted") + len(taken.records), rejected=F("rejected") + len(taken.bad),
            suppressed=F("suppressed") + len(taken.suppressed), running_seconds=F("running_seconds") + seconds,
            notes=_with(run.notes, notes), lease_until=Now() + LEASE, failure="",
        )  # fmt: skip
        if not held:
            raise LeaseLost
        if run.cause != RunCause.BACKFILL:
            _stream_of(run).update(state=state, is_whole=False)
        keep_row_errors("ingestion_connectionrowerror", "run_id", run.pk, taken.bad, before=run.rejected)
        source_id, minute = run.stream.connection.source_id, minute_of(now)
        add_counts(
            {
                CountKey(source_id, minute, kind, name, result.value): events
                for (kind, name, result), events in taken.counts.items()
            }
        )
    run.refresh_from_db(fields=_COUNTED)
    return RunState(run.state)


def _stream_of(run: ConnectionRun) -> "QuerySet[Stream]":
    """The run's stream, unless it was chosen anew since the run read it: then the run's state says nothing of it."""
    read = run.stream
    return Stream.objects.filter(pk=read.pk, mode=read.mode, cursor=read.cursor, key=read.key)


_COUNTED = [
    "state",
    "position",
    "read",
    "accepted",
    "rejected",
    "suppressed",
    "running_seconds",
    "notes",
    "failure",
]


def _with(notes: list[str], more: Sequence[str]) -> list[str]:
    return [*notes, *(note for note in more if note not in notes)][:MAX_NOTES]


def end_run(run: ConnectionRun, owner: UUID, *, now: datetime) -> None:
    """There are no more rows: the next run begins after these."""
    with transaction.atomic():
        if not _end(run, owner, RunState.DONE, now, failure=""):
            return
        if run.cause != RunCause.BACKFILL:
            _stream_of(run).update(state=run.position, is_whole=True)
        _tell(run, "has been read", _sums(run), now)


def fail_run(run: ConnectionRun, owner: UUID, *, reason: str, now: datetime) -> None:
    """No more rows can be read until somebody changes something; what is in stays in."""
    with transaction.atomic():
        if _end(run, owner, RunState.FAILED, now, failure=reason):
            _tell(run, "could not be read to its end", reason, now)


def _tell(run: ConnectionRun, what: str, body: str, now: datetime) -> None:
    """Tell whoever began it; of runs that a schedule began, only trouble is told (`failing`)."""
    if run.cause == RunCause.SCHEDULE:
        return
    notify(
        "job_finished", f"{run.stream.name} of {run.stream.connection.name} {what}", body,
        link=f"/admin/connections/runs/{run.pk}/", audience=only(run.created_by), now=now,
    )  # fmt: skip


def _sums(run: ConnectionRun) -> str:
    run.refresh_from_db(fields=_COUNTED)
    said = f"Events that went in: {run.accepted:,}."
    return (
        f"{said} Rows that were refused: {run.rejected:,}; the page has their errors."
        if run.rejected
        else said
    )


def forget_progress(
    run: ConnectionRun, owner: UUID, *, position: State, former: State | None, is_whole: bool
) -> None:
    """Have the next run read the same rows again: none of them could be taken."""
    with transaction.atomic():
        held = leases.held(run.pk, owner).update(position=position)
        if held and run.cause != RunCause.BACKFILL:
            _stream_of(run).update(state=former, is_whole=is_whole)


def _end(run: ConnectionRun, owner: UUID, state: RunState, now: datetime, **also: Any) -> int:
    running = leases.held(run.pk, owner).filter(state=RunState.RUNNING)
    return running.update(state=state, ended_at=now, **also)


@dataclass(frozen=True, slots=True)
class Progress:
    """For screens: the share that is done as far as it can be told, the rate, and the time left at this rate."""

    fraction: float | None
    rows_per_second: float
    remaining_seconds: float | None


def progress_of(run: ConnectionRun) -> Progress:
    """How far the run has come."""
    rate = run.read / run.running_seconds if run.running_seconds else 0.0
    if run.state == RunState.DONE:
        return Progress(1.0, rate, None)
    if not run.expected:
        return Progress(None, rate, None)
    fraction = min(1.0, run.read / run.expected)
    left = max(0, run.expected - run.read) / rate if rate and not run.has_ended else None
    return Progress(fraction, rate, left)
