"""The consumer `social`: what people do on social networks, as one record per anchor and network."""

from collections.abc import Sequence

from django.conf import settings

from profiles.social.combining import combine
from profiles.social.reading import Reading, read
from profiles.undoing.marks import undone
from streaming.contracts.combined import SOCIAL_TOPIC
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Record, TopicSpec
from streaming.runtime.consumer import Batch, Consumer


class SocialConsumer(Consumer):
    """Reads events with who they are of, and publishes the accounts that they change."""

    name = "social"
    topics = (EVENTS_TOPIC,)

    def __init__(self, partitions: int = 2) -> None:
        self.publishes = (TopicSpec(SOCIAL_TOPIC, partitions),)

    def prepare(self, records: Sequence[Record]) -> Reading:
        """Read the facts of the few events that have some."""
        return read(records)

    def process(self, batch: Batch) -> None:
        """Add the facts to the accounts of their anchors."""
        reading: Reading = batch.prepared
        if gone := undone(batch.connection, reading.imports):
            reading = read(batch.records, without=gone)
        for record, reason in reading.unreadable:
            batch.reject(record, reason)
        if reading.facts:
            batch.publish(combine(batch.connection, reading.facts, batch.now))


def social() -> SocialConsumer:
    """The consumer of this installation."""
    return SocialConsumer(settings.EVENT_PARTITIONS)
