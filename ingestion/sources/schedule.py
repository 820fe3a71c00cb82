"""When streams are read: rows of django-celery-beat, one for each stream that has a schedule."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery.schedules import ParseException
from django.conf import settings
from django.core.exceptions import ValidationError
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from ingestion.models import Stream

TASK = "ingestion.tasks.start_connection_run"
SHORTEST_S = 5
LONGEST_S = 365 * 86400
_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


class BadSchedule(ValueError):
    """It is no schedule; the message says how one is written."""


def check_schedule(*, every_seconds: int | None, crontab: str) -> None:
    """Raises BadSchedule."""
    if every_seconds is not None and not SHORTEST_S <= every_seconds <= LONGEST_S:
        raise BadSchedule(f"an interval is {SHORTEST_S} seconds to a year")
    if crontab:
        _crontab(crontab)


def apply_schedule(stream: Stream) -> None:
    """Have the stream read when it says; within a transaction."""
    name = _name(stream)
    if stream.every_seconds is None and not stream.crontab:
        PeriodicTask.objects.filter(name=name).delete()
        PeriodicTasks.update_changed()
        return
    when: dict[str, object] = {"interval": None, "crontab": None}
    if stream.crontab:
        when["crontab"] = _crontab(stream.crontab, keep=True)
    else:
        when["interval"] = IntervalSchedule.objects.get_or_create(
            every=stream.every_seconds, period=IntervalSchedule.SECONDS
        )[0]
    PeriodicTask.objects.update_or_create(
        name=name,
        defaults={
            **when, "task": TASK, "kwargs": json.dumps({"stream_id": stream.pk}), "enabled": stream.paused_at is None,
            "expire_seconds": stream.every_seconds or 3600,
        },
    )  # fmt: skip


def remove_schedule(stream: Stream) -> None:
    """Read it no more by itself; within a transaction."""
    PeriodicTask.objects.filter(name=_name(stream)).delete()
    PeriodicTasks.update_changed()


def next_runs(streams: Iterable[Stream], *, now: datetime) -> dict[int, datetime | None]:
    """When the next run of each is due, by stream; None when nothing is planned. One statement for all."""
    wanted = {_name(stream): stream for stream in streams}
    tasks = PeriodicTask.objects.filter(name__in=wanted, enabled=True).select_related("interval", "crontab")
    found = {task.name: task for task in tasks}
    return {stream.pk: _due(stream, found.get(name), now) for name, stream in wanted.items()}


def _due(stream: Stream, task: PeriodicTask | None, now: datetime) -> datetime | None:
    if task is None or stream.paused_at is not None:
        return None
    left: timedelta = task.schedule.remaining_estimate(task.last_run_at or now)
    due = now + max(left, timedelta(0))
    retry_at = stream.connection.retry_at
    return max(due, retry_at) if retry_at is not None else due


def words_of(stream: Stream) -> str:
    """The schedule in words."""
    if stream.crontab:
        return f"at {stream.crontab} ({settings.TIME_ZONE})"
    seconds = stream.every_seconds
    if seconds is None:
        return "on request"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            count = seconds // size
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    raise AssertionError("every number of seconds is one of seconds")


def _name(stream: Stream) -> str:
    return f"Read stream {stream.pk} of connection {stream.connection_id}"


def _crontab(text: str, *, keep: bool = False) -> CrontabSchedule:
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise BadSchedule(
            "write five parts: minute, hour, day of the month, month, day of the week, such as “15 2 * * *”"
        )
    fields = dict(zip(_FIELDS, parts, strict=True))
    made = CrontabSchedule(**fields, timezone=settings.TIME_ZONE)
    try:
        made.full_clean(validate_unique=False)
        made.schedule.remaining_estimate(datetime.now().astimezone())
    except (ValidationError, ParseException, ValueError) as error:
        raise BadSchedule(
            f"“{text}” cannot be read as minute, hour, day of the month, month and day of the week"
        ) from error
    return CrontabSchedule.objects.get_or_create(**fields, timezone=settings.TIME_ZONE)[0] if keep else made
