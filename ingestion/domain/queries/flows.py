"""What each source sends into which topic, for the picture of the pipeline."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.domain.event_names import load_event_topics
from ingestion.domain.queries.volumes import TAKEN
from ingestion.enums import Result
from ingestion.models import SourceMinute
from streaming.contracts.events import REJECTIONS_TOPIC

_LOOK_BACK = timedelta(hours=1)
_RATE_OVER = 5  # minutes


@dataclass(frozen=True, slots=True)
class Flow:
    """What a source sent into a topic within the last hour; `per_minute` is the mean of the last five minutes."""

    source_id: int
    source: str
    topic: str
    per_minute: float


def flows(*, now: datetime, actor: Actor | None = None) -> list[Flow]:
    """All of sources that the actor may see, by source and topic."""
    topics = load_event_topics()
    recent = Q(minute__gt=now - timedelta(minutes=_RATE_OVER + 1))
    rows = (
        of_sources(actor, SourceMinute.objects.all())
        .filter(minute__gt=now - _LOOK_BACK, result__in=[*TAKEN, Result.REJECTED.value])
        .order_by()
        .values_list("source_id", "source__name", "type", "name", "result")
        .annotate(recent=Sum("events", filter=recent))
    )
    found: dict[tuple[int, str, str], int] = defaultdict(int)
    for source_id, source, event_type, name, result, events in rows:
        is_rejected = result == Result.REJECTED.value
        topic = REJECTIONS_TOPIC if is_rejected else topics.topic_of(event_type, name)
        found[source_id, source, topic] += events or 0
    return [Flow(*place, events / _RATE_OVER) for place, events in sorted(found.items())]
