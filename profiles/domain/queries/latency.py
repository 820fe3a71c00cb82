"""How long events take from their arrival to being visible, as the builder measured it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.access import Actor, require
from compliance.enums import Operation
from profiles.builder.statistics import LATENCY_BOUNDS
from profiles.models import BuilderMinute


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from received to visible; each is the upper bound of its bucket, None when nothing was applied."""

    events: int
    p50: float | None
    p95: float | None
    p99: float | None


def latency(actor: Actor, *, now: datetime, minutes: int = 5) -> Latency:
    """The percentiles of the last minutes. Raises AccessDenied."""
    require(actor, Operation.HOME_VIEW)
    rows = BuilderMinute.objects.filter(minute__gt=now - timedelta(minutes=minutes), minute__lte=now)
    totals = [sum(bucket) for bucket in zip(*rows.values_list("latency", flat=True), strict=True)]
    return Latency(sum(totals), *(percentile(totals, share) for share in (0.5, 0.95, 0.99)))


def percentile(totals: list[int], share: float) -> float | None:
    """The bound of the bucket in which this share of the events is reached."""
    wanted, seen = share * sum(totals), 0
    for bound, count in zip(LATENCY_BOUNDS, totals, strict=False):
        seen += count
        if seen and seen >= wanted:
            return bound
    return LATENCY_BOUNDS[-1] if totals and sum(totals) else None
