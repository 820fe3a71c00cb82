"""Choose what is read of a connection: a stream, its columns and key, how it is mapped, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.mappings import MappingInvalid, compile_mapping
from ingestion.enums import RunCause, RunState
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.contract import Mode, Selection, SourceRefused, StreamInfo
from ingestion.sources.failing import stream_goes_on
from ingestion.sources.registry import kind_named
from ingestion.sources.schedule import BadSchedule, apply_schedule, check_schedule, remove_schedule

LONGEST_LOOK_BACK = 365 * 86400


class StreamInvalid(ValueError):
    """The choice cannot be used; `problems` says why, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose."""

    columns: Sequence[str]
    key: Sequence[str]
    mapping: Any
    mode: str = Mode.INCREMENTAL
    cursor: str = ""
    look_back: int = 0
    starts_at: str = ""
    every_seconds: int | None = None
    crontab: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the kind asks of a stream, as `look_at` gave it."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """What could not even be read of the form."""


def selected(choice: Choice, info: StreamInfo) -> Selection:
    """The selection that the choice comes to. Raises StreamInvalid."""
    problems = dict(choice.problems)
    known = {column.name: column for column in info.columns}
    wanted = {*choice.columns, *choice.key, *([choice.cursor] if choice.cursor else [])}
    if unknown := sorted(wanted - known.keys()):
        problems["columns"] = f"{info.name} has no column {unknown[0]}: look at its columns again."
    elif not choice.columns:
        problems["columns"] = "Choose the columns to read."
    if info.is_identified:
        choice = replace(choice, key=(), mode=Mode.INCREMENTAL, cursor="", look_back=0, starts_at="")
    elif not choice.key:
        problems["key"] = (
            "Choose the columns that tell rows apart, such as the id: without them no row could be recognised."
        )
    if choice.mode not in set(Mode):
        problems["mode"] = "Choose what a run reads."
    elif choice.mode == Mode.INCREMENTAL and not info.is_identified and choice.cursor not in info.cursors:
        problems["cursor"] = (
            "Choose the column that says what is new, such as the time of the last change or a growing number."
        )
    if not 0 <= choice.look_back <= LONGEST_LOOK_BACK:
        problems["look_back"] = f"Look back 0 to {LONGEST_LOOK_BACK:,}."
    if problems:
        raise StreamInvalid(problems)
    is_full = choice.mode == Mode.FULL
    columns = tuple(column for column in info.columns if column.name in wanted)
    return Selection(
        info.name, columns, tuple(choice.key), Mode(choice.mode), "" if is_full else choice.cursor,
        0 if is_full else choice.look_back,
    )  # fmt: skip


def choice_of(stream: Stream, info: StreamInfo) -> Choice:
    """What was chosen before, as far as it is still there."""
    there = {column.name for column in info.columns}
    return Choice(
        columns=[each["name"] for each in stream.columns if each["name"] in there],
        key=[name for name in stream.key if name in there],
        mapping=stream.mapping,
        mode=stream.mode,
        cursor=stream.cursor,
        look_back=stream.look_back,
        starts_at=stream.starts_at,
        settings=stream.settings,
        every_seconds=stream.every_seconds,
        crontab=stream.crontab,
    )


def save_stream(
    *,
    connection: Connection,
    stream: Stream | None,
    info: StreamInfo,
    choice: Choice,
    by: Actor,
    now: datetime,
) -> Stream:
    """Keep what was chosen; a stream that stopped because its source changed goes on. Raises StreamInvalid.

    Another mode or cursor begins anew: its state says nothing about them.
    """
    require(by, Operation.SOURCES_MANAGE)
    selection = selected(choice, info)
    _check(connection, selection, choice)
    values = _values(selection, info, choice, [] if stream is None else stream.left_out)
    try:
        with transaction.atomic():
            saved = _saved(connection, stream, info, values, now)
            apply_schedule(saved)
            detail = {
                "stream": info.name,
                "mode": selection.mode,
                "cursor": selection.cursor,
                "columns": len(selection.columns),
            }
            record_change(by, action="connection.stream", target=f"connection:{connection.pk}", detail=detail)
            stream_goes_on(saved, now=now)
    except IntegrityError:
        raise StreamInvalid({"stream": f"{info.name} is read already: change that one."}) from None
    return saved


def pause_stream(*, stream: Stream, by: Actor, now: datetime) -> None:
    """Read it no more by its schedule, and stop the run under way; its state stays."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        _set_paused(stream, now)
        under_way = ConnectionRun.objects.filter(stream=stream, state__in=[RunState.QUEUED, RunState.RUNNING])
        under_way.exclude(cause=RunCause.BACKFILL).update(state=RunState.CANCELLED, ended_at=now)
        record_change(by, action="connection.pause", target=f"stream:{stream.pk}", detail={})


def resume_stream(*, stream: Stream, by: Actor, now: datetime) -> None:
    """Read it by its schedule again, from where it stood."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        _set_paused(stream, None)
        record_change(by, action="connection.resume", target=f"stream:{stream.pk}", detail={})
        stream_goes_on(stream, now=now)


def remove_stream(*, stream: Stream, by: Actor, now: datetime) -> None:
    """Forget it with its runs and its state; what it brought in stays. Chosen again, it begins anew, with the same ids."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        remove_schedule(stream)
        stream_goes_on(stream, now=now)
        record_change(
            by,
            action="connection.remove",
            target=f"connection:{stream.connection_id}",
            detail={"stream": stream.name},
        )
        stream.delete()


def _set_paused(stream: Stream, at: datetime | None) -> None:
    stream.paused_at = at
    stream.save(update_fields=["paused_at"])
    apply_schedule(stream)


def _check(connection: Connection, selection: Selection, choice: Choice) -> None:
    problems: dict[str, str] = {}
    try:
        compile_mapping(choice.mapping)
    except MappingInvalid as invalid:
        problems["mapping"] = f"The mapping cannot be used: {invalid}."
    try:
        check_schedule(every_seconds=choice.every_seconds, crontab=choice.crontab)
    except BadSchedule as bad:
        problems["schedule"] = f"{str(bad)[:1].upper()}{str(bad)[1:]}."
    if choice.starts_at and selection.cursor:
        try:
            kind_named(connection.kind).first(selection, choice.starts_at)
        except SourceRefused as refused:
            problems["starts_at"] = str(refused)
    if problems:
        raise StreamInvalid(problems)


def _values(
    selection: Selection, info: StreamInfo, choice: Choice, left_out_before: Sequence[str]
) -> dict[str, Any]:
    chosen = set(selection.names)
    known = [column.name for column in info.columns]
    unseen = [name for name in left_out_before if info.is_sampled and name not in known]
    return {
        "mode": selection.mode.value, "columns": [column.to_json() for column in selection.columns],
        "left_out": [name for name in (*known, *unseen) if name not in chosen], "key": list(selection.key),
        "cursor": selection.cursor, "look_back": selection.look_back, "starts_at": choice.starts_at,
        "settings": dict(choice.settings), "mapping": choice.mapping, "every_seconds": choice.every_seconds, "crontab": choice.crontab, "drift": [],
        "paused_at": None,
    }  # fmt: skip


def _saved(
    connection: Connection, stream: Stream | None, info: StreamInfo, values: dict[str, Any], now: datetime
) -> Stream:
    if stream is None:
        return Stream.objects.create(connection=connection, name=info.name, created_at=now, **values)
    kept = Stream.objects.select_for_update().get(pk=stream.pk)
    if (kept.mode, kept.cursor, kept.key) != (values["mode"], values["cursor"], values["key"]):
        values |= {"state": None, "is_whole": False}
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(values))
    return kept
