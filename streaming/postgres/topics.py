"""The topics: rows of `log_topic`, cached per process; their numbers are never given twice."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from psycopg.rows import class_row

from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import Cleanup, TopicSpec
from streaming.postgres.days import KEPT
from streaming.postgres.locks import lock_partitions
from streaming.postgres.looking import Looks
from streaming.postgres.sessions import Connection, translated

MAX_AGE_SECONDS = 5.0
_DELETION_TIMEOUT = "10min"


class Topic(NamedTuple):
    """A topic as stored. `id` belongs to this incarnation alone."""

    id: int
    incarnation: str
    name: str
    partitions: int
    retention_seconds: int | None
    retention_bytes: int | None
    cleanup: str

    @property
    def spec(self) -> TopicSpec:
        """Its settings."""
        return TopicSpec(
            self.name, self.partitions, self.retention_seconds, self.retention_bytes, Cleanup(self.cleanup)
        )


class TopicCatalogue:
    """The topics as this process knows them, at most MAX_AGE_SECONDS old. Thread-safe."""

    def __init__(self, connect: Callable[[], Connection], looks: Looks) -> None:
        self._connect, self._looks = connect, looks
        self._lock = threading.Lock()
        self._topics: Mapping[str, Topic] = {}
        self._loaded_at = float("-inf")

    def get(self, name: str) -> Topic:
        """The topic of this name. Raises UnknownTopic after having looked anew."""
        if time.monotonic() - self._loaded_at < MAX_AGE_SECONDS and (topic := self._topics.get(name)):
            return topic
        if topic := self.refresh().get(name):
            return topic
        raise UnknownTopic(f"there is no topic {name!r}")

    def refresh(self) -> Mapping[str, Topic]:
        """Read all topics."""
        with self._lock, translated():
            self._topics = {topic.name: topic for topic in self._looks.look(_read)}
            self._loaded_at = time.monotonic()
        return self._topics

    def create(self, specs: Sequence[TopicSpec]) -> None:
        """Create those that do not exist, in order of name so that racing callers cannot deadlock."""
        with translated(), self._connect() as connection:
            connection.cursor().executemany(
                "INSERT INTO log_topic (name, partitions, retention_seconds, retention_bytes, cleanup) "
                "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (name) DO NOTHING",
                [_settings(spec) for spec in sorted(specs, key=lambda spec: spec.name)],
            )
        self.refresh()

    def alter(self, spec: TopicSpec) -> None:
        """Set what the spec says; the number of partitions only ever grows."""
        with translated(), self._connect() as connection, connection.transaction():
            topic = self._locked(connection, spec.name)
            name, partitions, *settings = _settings(spec)
            connection.execute(
                "UPDATE log_topic SET partitions = greatest(partitions, %s), "
                "retention_seconds = %s, retention_bytes = %s, cleanup = %s WHERE name = %s",
                [partitions, *settings, name],
            )
            if keeps(spec) and not keeps(topic.spec):
                # Its records must not go with their day.
                connection.execute(
                    "UPDATE log_record SET day = %s WHERE topic_id = %s AND day <> %s", [KEPT, topic.id, KEPT]
                )
        self.refresh()

    def delete(self, name: str) -> None:
        """Delete the topic with its records, or neither. Appends that wait for its locks then find it gone."""
        with translated(), self._connect() as connection, connection.transaction():
            topic = self._locked(connection, name)
            connection.execute(f"SET LOCAL statement_timeout = '{_DELETION_TIMEOUT}'")
            connection.execute("DELETE FROM log_record WHERE topic_id = %s", [topic.id])
            connection.execute("DELETE FROM log_topic WHERE id = %s", [topic.id])
        self.refresh()

    def _locked(self, connection: Connection, name: str) -> Topic:
        topic = self.refresh().get(name)
        if topic is None:
            raise UnknownTopic(f"there is no topic {name!r}")
        lock_partitions(connection.cursor(), [(topic.id, number) for number in range(topic.partitions)])
        return topic


def keeps(spec: TopicSpec) -> bool:
    """Whether the topic's records outlive the tables of their days."""
    return spec.cleanup is Cleanup.COMPACT or spec.retention_seconds is None


def _read(session: Connection) -> list[Topic]:
    rows = session.cursor(row_factory=class_row(Topic)).execute(
        "SELECT id, incarnation::text, name, partitions, retention_seconds, retention_bytes, cleanup FROM log_topic"
    )
    return rows.fetchall()


def _settings(spec: TopicSpec) -> tuple[object, ...]:
    return (
        spec.name,
        spec.partitions,
        spec.retention_seconds,
        spec.retention_bytes,
        spec.cleanup.value,
    )
