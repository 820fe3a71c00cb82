"""The consumer `behaviour`: how each visit went, and what annoyed in it (docs/guides/behaviour-events.md)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings

from profiles.behaviour.combining import combine
from profiles.behaviour.reading import Reading, read
from profiles.domain.visit_timeouts import visit_timeouts
from profiles.undoing.marks import undone
from streaming.contracts.combined import BEHAVIOUR_TOPIC
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Record, TopicSpec
from streaming.runtime.consumer import Batch, Consumer

Timeouts = Callable[[psycopg.Connection[Any]], Mapping[int, timedelta]]


class BehaviourConsumer(Consumer):
    """Stores the behaviour of visits, and publishes that of each visit that changed."""

    name = "behaviour"
    topics = (EVENTS_TOPIC,)

    def __init__(self, partitions: int = 2, *, timeouts: Timeouts = visit_timeouts) -> None:
        self.publishes = (TopicSpec(BEHAVIOUR_TOPIC, partitions),)
        self._timeouts = timeouts

    def prepare(self, records: Sequence[Record]) -> Reading:
        """Read what the records say."""
        return read(records)

    def process(self, batch: Batch) -> None:
        """Add the events to the visits of their anchors."""
        found: Reading = batch.prepared
        if gone := undone(batch.connection, found.imports):
            found = read(batch.records, without=gone)
        for record, reason in found.unreadable:
            batch.reject(record, reason)
        timeouts = self._timeouts(batch.connection)
        batch.publish(combine(batch.connection, found.visits, timeouts, batch.now))


def behaviour() -> BehaviourConsumer:
    """The consumer of this installation."""
    return BehaviourConsumer(settings.EVENT_PARTITIONS)
