"""The names of events, and the topic of each: seen by collectors, created by a periodic task, never by a request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count

from ingestion.models import EventName
from streaming.contracts.events import (
    EVENT_TYPES,
    OTHER_EVENTS_TOPIC,
    QUARANTINE_TOPIC,
    REJECTIONS_TOPIC,
    WireEvent,
    distinct_slug,
    event_slug,
)
from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicSpec

MAX_NAMES_PER_SOURCE = 2000
MAX_TOPICS_PER_SOURCE = 100
_RESERVED = EVENT_TYPES - {"track"} | {"other"}
_PREFIX = "events."


@dataclass(frozen=True, slots=True)
class EventTopics:
    """Which topic takes which events, as it was known at one moment."""

    tracks: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    unassigned: frozenset[tuple[str, str]] = frozenset()

    def topic_of(self, event_type: str, event: str | None) -> str:
        """The topic of an event; `events.other` while it has none of its own."""
        if event_type == "track":
            return self.tracks.get(event or "", OTHER_EVENTS_TOPIC)
        return self.others.get(event_type, OTHER_EVENTS_TOPIC)

    def destination(self, event: WireEvent) -> str:
        """Where an accepted event goes: the topic of its name, or quarantine when its source's plan keeps it out."""
        if "quarantined" in event:
            return QUARANTINE_TOPIC
        return self.topic_of(event["type"], event["event"])

    def knows(self, event_type: str, name: str) -> bool:
        """Whether this name was recorded as seen."""
        known = self.tracks if event_type == "track" else self.others
        return name in known or (event_type, name) in self.unassigned


def load_event_topics() -> EventTopics:
    """What is known now."""
    tracks: dict[str, str] = {}
    others: dict[str, str] = {}
    unassigned: set[tuple[str, str]] = set()
    for event_type, name, topic in EventName.objects.values_list("type", "name", "topic"):
        if topic is None:
            unassigned.add((event_type, name))
        else:
            (tracks if event_type == "track" else others)[name] = topic
    return EventTopics(tracks, others, frozenset(unassigned))


def record_names(seen: Iterable[tuple[int, str, str]], *, now: datetime) -> None:
    """Remember (source id, type, name) of events that were not known, up to a bound per source."""
    rows = set(seen)
    counts = _names_per_source({source_id for source_id, _, _ in rows})
    new = []
    for source_id, event_type, name in sorted(rows):
        if counts.get(source_id, 0) < MAX_NAMES_PER_SOURCE:
            counts[source_id] = counts.get(source_id, 0) + 1
            new.append(
                EventName(
                    type=event_type, name=name, source_id=source_id, first_seen_at=now, last_seen_at=now
                )
            )
    EventName.objects.bulk_create(new, ignore_conflicts=True)


def ensure_base_topics(log: EventLog) -> None:
    """Create the topics that a collector needs before the first event arrives."""
    names = (OTHER_EVENTS_TOPIC, REJECTIONS_TOPIC, QUARANTINE_TOPIC)
    log.create_topics([default_spec(name) for name in names])


def create_event_topics(log: EventLog) -> list[str]:
    """Give a topic to every name that has none, up to the cap per source; return the topics made."""
    taken: set[str | None] = set(EventName.objects.exclude(topic=None).values_list("topic", flat=True))
    room = _room_per_source()
    planned: list[tuple[EventName, str]] = []
    for row in EventName.objects.filter(topic=None).order_by("first_seen_at", "pk"):
        if row.type == "track" and room.setdefault(row.source_id, MAX_TOPICS_PER_SOURCE) <= 0:
            continue
        room[row.source_id] = room.get(row.source_id, MAX_TOPICS_PER_SOURCE) - 1
        topic = topic_name(row.type, row.name, taken)
        taken.add(topic)
        planned.append((row, topic))
    log.create_topics([default_spec(topic) for _, topic in planned])
    return [topic for row, topic in planned if _assign(row, topic)]


def topic_name(event_type: str, name: str, taken: Collection[str | None]) -> str:
    """`events.order_completed`, or with a hash suffix where that is empty, reserved or another name's."""
    if event_type != "track":
        return _PREFIX + event_type
    slug = event_slug(name)
    plain = _PREFIX + slug
    if slug and slug not in _RESERVED and plain not in taken:
        return plain
    return _PREFIX + distinct_slug(name)


def _assign(row: EventName, topic: str) -> bool:
    try:
        with transaction.atomic():
            return bool(EventName.objects.filter(pk=row.pk, topic=None).update(topic=topic))
    except IntegrityError:  # another run gave this topic to another name: the next run finds a distinct one
        return False


def default_spec(topic: str) -> TopicSpec:
    """What a topic of ours is like at first."""
    return TopicSpec(topic, 1 if topic in (REJECTIONS_TOPIC, QUARANTINE_TOPIC) else settings.EVENT_PARTITIONS)


def _names_per_source(source_ids: Collection[int]) -> dict[int, int]:
    rows = EventName.objects.filter(source_id__in=source_ids).order_by().values_list("source_id")
    return dict(rows.annotate(names=Count("pk")))


def _room_per_source() -> dict[int, int]:
    rows = EventName.objects.exclude(topic=None).order_by().values_list("source_id")
    return {source_id: MAX_TOPICS_PER_SOURCE - made for source_id, made in rows.annotate(made=Count("pk"))}
