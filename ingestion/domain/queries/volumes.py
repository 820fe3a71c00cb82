"""How much arrived, by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from ingestion.enums import Result
from ingestion.models import SourceMinute

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
    *, start: datetime, end: datetime, step: timedelta = MINUTE, source_id: int | None = None
) -> list[MinuteSeries]:
    """Accepted events by source, the largest first; `step` (whole minutes) widens the buckets."""
    start = start.replace(second=0, microsecond=0)
    rows = SourceMinute.objects.filter(minute__gte=start, minute__lt=end, result__in=TAKEN).order_by()
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    buckets = max(0, -(-(end - start) // step))
    series: dict[tuple[int, str], list[int]] = {}
    for key, name, minute, events in (
        rows.values_list("source_id", "source__name", "minute").annotate(total=Sum("events"))
    ):  # fmt: skip
        values = series.setdefault((key, name), [0] * buckets)
        values[(minute - start) // step] += events
    found = [MinuteSeries(key, name, start, values) for (key, name), values in series.items()]
    return sorted(found, key=lambda one: (-one.total, one.source_name))


def arrived_between(*, start: datetime, end: datetime) -> dict[str, int]:
    """How many items arrived in these minutes, by result."""
    rows = SourceMinute.objects.filter(minute__gte=start, minute__lt=end).order_by().values_list("result")
    return dict.fromkeys(Result.values, 0) | dict(rows.annotate(total=Sum("events")))


def top_events(
    *, start: datetime, end: datetime, source_id: int | None = None, limit: int = 10
) -> Sequence[tuple[str, str, int]]:
    """(type, name, events) of the most frequent ones."""
    rows = SourceMinute.objects.filter(minute__gte=start, minute__lt=end, result__in=TAKEN).order_by()
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    return list(
        rows.values_list("type", "name").annotate(total=Sum("events")).order_by("-total", "name")[:limit]
    )
