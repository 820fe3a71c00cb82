"""Begin and cancel runs. Whoever calls `start_run` also sees to it that somebody runs it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.enums import RunCause, RunState
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.contract import (
    Mode,
    Selection,
    SourceKind,
    SourceRefused,
    State,
    again_by,
    remembered,
)
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import selection_of
from ingestion.sources.turns import continuous_kinds, is_continuous

MAX_RATE = 1_000_000
KEPT_RUNS = 1000
AGAIN_AFTER = timedelta(minutes=1)  # a run of a source that is listened to, when one failed
_REPEATABLE = frozenset({"identify", "group"})


class RunConflict(ValueError):
    """The run cannot be had now; the message says why and what to do instead."""


def start_run(*, stream: Stream, cause: RunCause, by: Actor, now: datetime) -> ConnectionRun:
    """Have the stream read from where the last run stood. Raises RunConflict."""
    require(by, Operation.SOURCES_MANAGE)
    selection, kind = selection_of(stream), _installed(stream)
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
    selection, kind = selection_of(stream), _installed(stream)
    if is_continuous(stream.connection):
        raise RunConflict(f"{stream.name} comes by itself, once: what came before cannot be asked for again")
    if selection.mode == Mode.FULL:
        raise RunConflict(f"{stream.name} is read whole each time: run it instead")
    if rows_per_second is not None and not 0 < rows_per_second <= MAX_RATE:
        raise RunConflict(f"a rate is 1 to {MAX_RATE:,} rows a second")
    try:
        position = {**remembered(kind, stream.state), **_range(kind, selection, begin, end)}
    except SourceRefused as refused:
        raise RunConflict(str(refused)) from None
    return _create(stream, RunCause.BACKFILL, by, now, position=position, rows_per_second=rows_per_second)


def cancel_run(*, run: ConnectionRun, by: Actor, now: datetime) -> None:
    """Stop it within a moment; what is in stays in, and the next run goes on after it. Raises RunConflict.

    A stream whose rows come by themselves is paused with it: otherwise the next run would begin at once.
    """
    require(by, Operation.SOURCES_MANAGE)
    going = ConnectionRun.objects.filter(pk=run.pk, state__in=[RunState.QUEUED, RunState.RUNNING])
    with transaction.atomic():
        if not going.update(state=RunState.CANCELLED, ended_at=now):
            run.refresh_from_db()
            raise RunConflict(f"run {run.pk} is {run.get_state_display().lower()} by now")
        if is_continuous(run.stream.connection):
            Stream.objects.filter(pk=run.stream_id).update(paused_at=now)
        record_change(
            by, action="connection.cancel", target=f"stream:{run.stream_id}", detail={"run": run.pk}
        )
    run.refresh_from_db()


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


def start_continuous_runs(*, by: Actor, now: datetime) -> list[int]:
    """Begin a run of each stream that should be listened to and has none; which ones. After a failure not at once."""
    under_way = ConnectionRun.objects.filter(
        Q(state__in=[RunState.QUEUED, RunState.RUNNING])
        | Q(state=RunState.FAILED, ended_at__gt=now - AGAIN_AFTER),
        stream=OuterRef("pk"),
    )
    wanted = Stream.objects.filter(connection__kind__in=continuous_kinds(), paused_at=None)
    begun = [
        start_due_run(stream_id, by=by, now=now)
        for stream_id in wanted.exclude(Exists(under_way)).order_by("pk").values_list("pk", flat=True)
    ]
    return [run.pk for run in begun if run is not None]


def _installed(stream: Stream) -> SourceKind:
    try:
        return kind_named(stream.connection.kind)
    except LookupError as missing:
        raise RunConflict(str(missing)) from None


def _forget_old(stream: Stream) -> None:
    """Keep the runs of a stream that is read all the time to a number: of those that found nothing the last one."""
    empty = stream.runs.filter(cause=RunCause.SCHEDULE, state=RunState.DONE, read=0)
    last = empty.order_by("-id").values_list("pk", flat=True)[:1]
    empty.exclude(pk__in=list(last)).delete()
    oldest = stream.runs.order_by("-id").values_list("pk", flat=True)[KEPT_RUNS : KEPT_RUNS + 1]
    if oldest:
        stream.runs.filter(pk__lte=oldest[0]).delete()


def _range(kind: SourceKind, selection: Selection, begin: str, end: str) -> State:
    is_taken = begin or again_by(kind)
    position = kind.first(selection, begin) if is_taken else kind.begin(selection, None)
    if not end:
        return position
    until = kind.first(selection, end)["cursor"]
    if again_by(kind) and begin and until <= position["cursor"]:
        raise RunConflict(
            "the end lies before the beginning, so that nothing would be read: change one of them"
        )
    return {**position, "until": until}


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
