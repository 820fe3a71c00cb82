"""Topics that a consumer has read and that are gone from the log: never taken for topics without news."""

from collections import Counter
from collections.abc import Collection

from streaming.contracts.log import EventLog, UnknownTopic
from streaming.runtime.consumer import Consumer
from streaming.runtime.discovery import reads
from streaming.runtime.sessions import Connection
from streaming.runtime.stopping import ConsumerStopped

LOOKS = 3  # a broker that has just come back may not list all topics at once
_READ = """
SELECT DISTINCT topic FROM consumer_position WHERE consumer = %s AND next_offset > began_at ORDER BY topic
"""


def missing_topics(connection: Connection, consumer: Consumer, topics: Collection[str]) -> list[str]:
    """Topics of which the consumer has read something and still would, but that are not among `topics`."""
    rows = connection.execute(_READ, [consumer.name]).fetchall()
    return [topic for (topic,) in rows if topic not in topics and reads(consumer, topic)]


class Vanishing:
    """Looks again before it believes that a topic is gone. Belongs to one thread."""

    def __init__(self, consumer: Consumer, log: EventLog) -> None:
        self._consumer, self._log = consumer, log
        self._looks: Counter[str] = Counter()

    @property
    def is_suspected(self) -> bool:
        """Whether to look again soon."""
        return bool(self._looks)

    def look(self, connection: Connection, topics: Collection[str]) -> str | None:
        """A topic that is gone for certain; None while there is none. `topics` are those that the log lists."""
        missing = missing_topics(connection, self._consumer, topics)
        self._looks = Counter({topic: self._looks[topic] + 1 for topic in missing})
        return next(
            (topic for topic in missing if self._looks[topic] >= LOOKS and self._is_gone(topic)), None
        )

    def _is_gone(self, topic: str) -> bool:
        try:
            self._log.identity(topic)
        except UnknownTopic:
            return True
        return False


def stopped_by(consumer: str, topic: str) -> ConsumerStopped:
    """What to say of a topic that is gone."""
    return ConsumerStopped(
        f"the consumer {consumer!r} stopped: the topic {topic!r}, of which it has read, is gone from the log: it was "
        "deleted, with whatever was unread in it, or the log is another one. If it was meant to go, `manage.py "
        f"consumer_reset {consumer} --topic {topic} --forget` forgets where the consumer was in it; else bring the topic "
        "or the log back; then start the consumer again"
    )
