"""Which topics and partitions a consumer reads: names and patterns, and those that appear later."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from streaming.contracts.records import TopicPartition, TopicSpec
from streaming.runtime.consumer import Consumer

RETRY_PREFIX = "retry."
DEAD_LETTERS_PREFIX = "dead_letters."
_OWN_RETENTION_SECONDS = 30 * 24 * 3600


def retry_topic(consumer: str) -> str:
    """The topic through which dead letters come back to the consumer that refused them, and to no other."""
    return f"{RETRY_PREFIX}{consumer}"


def dead_letters_topic(consumer: str) -> str:
    """The topic of the published copies of a consumer's dead letters."""
    return f"{DEAD_LETTERS_PREFIX}{consumer}"


def own_topics(consumer: str) -> list[TopicSpec]:
    """The topics that a consumer has for its dead letters."""
    names = [retry_topic(consumer), dead_letters_topic(consumer)]
    return [TopicSpec(name, 1, _OWN_RETENTION_SECONDS) for name in names]


def needed_topics(consumer: Consumer) -> list[TopicSpec]:
    """The topics that must exist before the consumer starts."""
    return [*consumer.publishes, *own_topics(consumer.name)]


def reads(consumer: Consumer, topic: str) -> bool:
    """Whether the consumer reads this topic. A pattern never matches what belongs to consumers' retries."""
    if topic == retry_topic(consumer.name) or topic in consumer.topics:
        return True
    if topic.startswith((RETRY_PREFIX, DEAD_LETTERS_PREFIX)):
        return False
    return any(fnmatchcase(topic, pattern) for pattern in consumer.topics)


def partitions_of(consumer: Consumer, topics: Mapping[str, int]) -> frozenset[TopicPartition]:
    """All partitions that the consumer reads, of the topics that exist."""
    return frozenset(
        TopicPartition(topic, number)
        for topic, partitions in topics.items()
        if reads(consumer, topic)
        for number in range(partitions)
    )
