"""The list of sources with what each sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, Sum
from django.db.models.functions import TruncHour

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.domain.queries.volumes import TAKEN
from ingestion.enums import Result
from ingestion.models import Source, SourceMinute, WriteKey

HOURS = 24
MOST_NAMED = 2_000


@dataclass(frozen=True, slots=True)
class SourceOverview:
    """A source and its last day. `by_hour` has 24 values, the current hour last; `last_seen_at` is to the minute."""

    source: Source
    active_keys: list[WriteKey]
    last_seen_at: datetime | None
    last_hour: int
    last_day: int
    rejected_last_day: int
    by_hour: list[int]


def source_overviews(
    *, now: datetime, source_id: int | None = None, actor: Actor | None = None
) -> list[SourceOverview]:
    """All sources that the actor may see by name, or one; five queries however many there are."""
    sources = of_sources(actor, Source.objects.prefetch_related("write_keys"), "pk")
    rows = SourceMinute.objects.order_by()
    if source_id is not None:
        sources, rows = sources.filter(pk=source_id), rows.filter(source_id=source_id)
    taken = rows.filter(result__in=TAKEN)
    last_seen = dict(taken.values_list("source_id").annotate(at=Max("minute")))
    sums = {
        key: (hour or 0, day or 0, rejected or 0)
        for key, hour, day, rejected in rows.filter(minute__gt=now - timedelta(days=1))
        .values_list("source_id")
        .annotate(
            hour=Sum("events", filter=Q(result__in=TAKEN, minute__gt=now - timedelta(hours=1))),
            day=Sum("events", filter=Q(result__in=TAKEN)),
            rejected=Sum("events", filter=Q(result=Result.REJECTED)),
        )
    }
    hours = _by_hour(taken, now)
    return [
        SourceOverview(
            source=source,
            active_keys=[key for key in source.write_keys.all() if key.is_active],
            last_seen_at=last_seen.get(source.pk),
            last_hour=sums.get(source.pk, (0, 0, 0))[0],
            last_day=sums.get(source.pk, (0, 0, 0))[1],
            rejected_last_day=sums.get(source.pk, (0, 0, 0))[2],
            by_hour=hours.get(source.pk, [0] * HOURS),
        )
        for source in sources
    ]


def _by_hour(taken: "object", now: datetime) -> dict[int, list[int]]:
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    found: dict[int, list[int]] = {}
    rows = taken.filter(minute__gte=first).values_list("source_id", TruncHour("minute"))  # type: ignore[attr-defined]
    for source_id, hour, events in rows.annotate(total=Sum("events")):
        values = found.setdefault(source_id, [0] * HOURS)
        place = (hour - first) // timedelta(hours=1)
        if place < HOURS:
            values[place] += events
    return found


def source_names() -> dict[int, str]:
    """The names of all sources by id, in the order of names; at most MOST_NAMED."""
    return dict(Source.objects.order_by("name").values_list("pk", "name")[:MOST_NAMED])
