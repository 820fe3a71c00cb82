"""Begin and cancel runs. Whoever calls `start_run` also sees to it that somebody runs it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.leases import Leases
from ingestion.enums import RunCause, RunState
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.contract import Mode, SourceRefused, State
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import selection_of

MAX_RATE = 1_000_000
KEPT_RUNS = 1000
_REPEATABLE = frozenset({"identify", "group"})


class RunConflict(ValueError):
    """The run cannot be had now; the message says why and what to do instead."""


def start_run(*, stream: Stream, cause: RunCause, by: Actor, now: datetime) -> ConnectionRun:
    """Have the stream read from where the last run stood. Raises RunConflict."""
    require(by, Operation.SOURCES_MANAGE)
    selection, kind = selection_of(stream), kind_named(stream.connection.kind)
    if stream.is_whole and selection.mode == Mode.FULL and not _are_repeatable(stream.mapping):
        raise RunConflict(
            f"{stream.name} was read whole before, and reading it again would count its events a second time: "
            "give it a cursor column, so that only what is new is read"
        )
    try:
        if stream.state is None:
            position = (
                kind.first(selection, stream.starts_at) if stream.starts_at else kind.begin(selection, None)
            )
        else:
            position = kind.begin(selection, stream.state) if stream.is_whole else stream.state
    except SourceRefused as refused:
        raise RunConflict(str(refused)) from None
    return _create(stream, cause, by, now, position=position)


def start_backfill(
    *, stream: Stream, begin: str, end: str = "", rows_per_second: int | None = None, by: Actor, now: datetime
) -> ConnectionRun:
    """Have rows read again from a cursor on, up to another if there is one; the stream's state stays. Raises RunConflict."""
    require(by, Operation.SOURCES_MANAGE)
    selection, kind = selection_of(stream), kind_named(stream.connection.kind)
    if selection.mode == Mode.FULL:
        raise RunConflict(f"{stream.name} is read whole each time: run it instead")
    if rows_per_second is not None and not 0 < rows_per_second <= MAX_RATE:
        raise RunConflict(f"a rate is 1 to {MAX_RATE:,} rows a second")
    try:
        position = kind.first(selection, begin) if begin else kind.begin(selection, None)
        if end:
            position = {**position, "until": kind.first(selection, end)["cursor"]}
    except SourceRefused as refused:
        raise RunConflict(str(refused)) from None
    return _create(stream, RunCause.BACKFILL, by, now, position=position, rows_per_second=rows_per_second)


def cancel_run(*, run: ConnectionRun, by: Actor, now: datetime) -> None:
    """Stop it within a moment; what is in stays in, and the next run goes on after it. Raises RunConflict."""
    require(by, Operation.SOURCES_MANAGE)
    going = ConnectionRun.objects.filter(pk=run.pk, state__in=[RunState.QUEUED, RunState.RUNNING])
    with transaction.atomic():
        if not going.update(state=RunState.CANCELLED, ended_at=now):
            run.refresh_from_db()
            raise RunConflict(f"run {run.pk} is {run.get_state_display().lower()} by now")
        record_change(
            by, action="connection.cancel", target=f"stream:{run.stream_id}", detail={"run": run.pk}
        )
    run.refresh_from_db()


def waiting_runs(*, now: datetime) -> list[int]:
    """The runs that should go on and that nobody runs, oldest first; not those whose source is left alone for a while."""
    retry = Q(stream__connection__retry_at=None) | Q(stream__connection__retry_at__lte=now)
    return list(Leases(ConnectionRun).without_runner().filter(retry).values_list("pk", flat=True))


def start_due_run(stream_id: int, *, by: Actor, now: datetime) -> ConnectionRun | None:
    """Begin the run that the stream's schedule asks for.

    None when nothing is to be read now: it is paused or gone, a run is under way, or the source is left alone for a while.
    """
    stream = Stream.objects.select_related("connection").filter(pk=stream_id, paused_at=None).first()
    if stream is None:
        return None
    retry_at = stream.connection.retry_at
    under_way = stream.runs.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).exclude(
        cause=RunCause.BACKFILL
    )
    if (retry_at is not None and retry_at > now) or under_way.exists():
        return None
    _forget_old(stream)
    try:
        return start_run(stream=stream, cause=RunCause.SCHEDULE, by=by, now=now)
    except RunConflict:
        return None


def _forget_old(stream: Stream) -> None:
    """Keep the runs of a stream that is read all the time to a number: of those that found nothing the last one."""
    empty = stream.runs.filter(cause=RunCause.SCHEDULE, state=RunState.DONE, read=0)
    last = empty.order_by("-id").values_list("pk", flat=True)[:1]
    empty.exclude(pk__in=list(last)).delete()
    oldest = stream.runs.order_by("-id").values_list("pk", flat=True)[KEPT_RUNS : KEPT_RUNS + 1]
    if oldest:
        stream.runs.filter(pk__lte=oldest[0]).delete()


def _are_repeatable(mapping: dict[str, Any]) -> bool:
    """Whether what the mapping makes says how things are, so that hearing it again changes nothing."""
    return all(rule.get("type") in _REPEATABLE for rule in mapping.get("events", [mapping]))


def _create(
    stream: Stream,
    cause: RunCause,
    by: Actor,
    now: datetime,
    *,
    position: State,
    rows_per_second: int | None = None,
) -> ConnectionRun:
    try:
        with transaction.atomic():
            run = ConnectionRun.objects.create(
                stream=stream, cause=cause, created_at=now, created_by=by.name, position=position,
                rows_per_second=rows_per_second,
            )  # fmt: skip
            record_change(
                by,
                action=f"connection.{_ACTIONS[cause]}",
                target=f"stream:{stream.pk}",
                detail={"run": run.pk},
            )
    except IntegrityError:
        raise RunConflict(f"{stream.name} is being read already: wait for that run, or cancel it") from None
    return run


_ACTIONS = {RunCause.SCHEDULE: "scheduled", RunCause.PERSON: "run", RunCause.BACKFILL: "backfill"}
