"""How much arrived, by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Func, Sum, Value

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.enums import Result
from ingestion.models import Source, SourceMinute

TAKEN = (Result.ACCEPTED.value, Result.SPOOLED.value)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MinuteSeries:
    """One source's accepted events, a value for each minute from `start` on."""

    source_id: int
    source_name: str
    start: datetime
    events: list[int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.events)


def events_per_minute(
    *,
    start: datetime,
    end: datetime,
    step: timedelta = MINUTE,
    source_id: int | None = None,
    actor: Actor | None = None,
) -> list[MinuteSeries]:
    """Accepted events by source that the actor may see, the largest first; `step` (whole minutes) widens the buckets."""
    start = start.replace(second=0, microsecond=0)
    minutes = SourceMinute.objects.filter(minute__gte=start, minute__lt=end, result__in=TAKEN).order_by()
    rows = of_sources(actor, minutes)
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    buckets = max(0, -(-(end - start) // step))
    series: dict[int, list[int]] = {}
    # Names come after the sums: of a day there are hundreds of thousands of rows, and few sources.
    sums = rows.annotate(bucket=_bucket(start, step)).values_list("source_id", "bucket")
    for key, bucket, events in sums.annotate(total=Sum("events")):
        series.setdefault(key, [0] * buckets)[(bucket - start) // step] = events
    names = dict(Source.objects.filter(pk__in=series).values_list("pk", "name"))
    found = [MinuteSeries(key, names[key], start, values) for key, values in series.items()]
    return sorted(found, key=lambda one: (-one.total, one.source_name))


def _bucket(start: datetime, step: timedelta) -> Func:
    """The beginning of the bucket that a minute falls into, so that the database adds up and not Python."""
    return Func(Value(step), F("minute"), Value(start), function="date_bin", output_field=DateTimeField())


def arrived_between(*, start: datetime, end: datetime, actor: Actor | None = None) -> dict[str, int]:
    """How many items arrived in these minutes from sources that the actor may see, by result."""
    minutes = of_sources(actor, SourceMinute.objects.filter(minute__gte=start, minute__lt=end))
    rows = minutes.order_by().values_list("result")
    return dict.fromkeys(Result.values, 0) | dict(rows.annotate(total=Sum("events")))


def top_events(
    *,
    start: datetime,
    end: datetime,
    source_id: int | None = None,
    limit: int = 10,
    actor: Actor | None = None,
) -> Sequence[tuple[str, str, int]]:
    """(type, name, events) of the most frequent ones of sources that the actor may see."""
    minutes = SourceMinute.objects.filter(minute__gte=start, minute__lt=end, result__in=TAKEN).order_by()
    rows = of_sources(actor, minutes)
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    return list(
        rows.values_list("type", "name").annotate(total=Sum("events")).order_by("-total", "name")[:limit]
    )
