"""The chart of Home: the last day by source."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from compliance.access import Actor
from ingestion.domain.queries import events_per_minute

DAY = timedelta(days=1)
STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Volume:
    """What each source sent from `start` on, a value for each `step`; `links` lead to the sources."""

    start: datetime
    step: timedelta
    series: list[tuple[str, list[int]]]
    links: dict[str, str]


def volume(*, now: datetime, actor: Actor | None = None) -> Volume:
    """The last 24 hours of the sources that the actor may see, with the quarter of an hour that goes on."""
    end = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) + STEP
    found = events_per_minute(start=end - DAY, end=end, step=STEP, actor=actor)
    return Volume(
        start=end - DAY,
        step=STEP,
        series=[(one.source_name, one.events) for one in found],
        links={one.source_name: reverse("admin:source", args=[one.source_id]) for one in found},
    )
