"""How quickly events become profiles, minute by minute."""

from datetime import datetime, timedelta

from profiles.domain.queries.latency import percentile
from profiles.models import BuilderMinute

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def medians(*, now: datetime) -> list[float]:
    """The median of each minute of the last hour, in seconds; a minute without events has that of the one before."""
    first = now.replace(second=0, microsecond=0) - HOUR
    found: dict[int, list[int]] = {}
    rows = BuilderMinute.objects.filter(minute__gte=first, minute__lt=now).values_list("minute", "latency")
    for minute, buckets in rows:
        place = (minute - first) // MINUTE
        known = found.get(place, [0] * len(buckets))
        found[place] = [one + other for one, other in zip(known, buckets, strict=True)]
    return _filled([percentile(found[place], 0.5) if place in found else None for place in range(60)])


def _filled(values: list[float | None]) -> list[float]:
    filled: list[float] = []
    for value in values:
        filled.append(value if value is not None else (filled[-1] if filled else 0.0))
    return filled if any(filled) else []
