"""The event log in the memory of one process."""

import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from streaming.contracts.log import LogError, LogUnavailable, RecordTooLarge, UnknownTopic
from streaming.contracts.partitioning import MAX_RECORD_BYTES, partition_of, size_of
from streaming.contracts.records import Bounds, NewRecord, Record, TopicPartition, TopicSpec
from streaming.memory import retention
from streaming.memory.partition import Partition
from streaming.memory.reader import MemoryReader


@dataclass(slots=True)
class _Topic:
    spec: TopicSpec
    partitions: list[Partition]
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))


class MemoryLog:
    """See streaming.contracts.log.TransactionalLog; its transactions are those of nobody: appends stay."""

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}
        self._changed = threading.Condition(threading.RLock())
        self._closed = False

    def _topic(self, name: str) -> _Topic:
        try:
            return self._topics[name]
        except KeyError:
            raise UnknownTopic(f"there is no topic {name!r}") from None

    def partition(self, place: TopicPartition) -> Partition:
        """The records of a partition. Raises UnknownTopic."""
        partitions = self._topic(place.topic).partitions
        if not 0 <= place.partition < len(partitions):
            raise UnknownTopic(f"the topic {place.topic!r} has no partition {place.partition}")
        return partitions[place.partition]

    def identity(self, topic: str) -> str:
        """See the contract."""
        return self._topic(topic).identity

    def topics(self) -> Mapping[str, int]:
        """See the contract."""
        return {name: topic.spec.partitions for name, topic in self._topics.items()}

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """See the contract."""
        with self._changed:
            for spec in specs:
                if spec.name not in self._topics:
                    self._topics[spec.name] = _Topic(spec, [Partition() for _ in range(spec.partitions)])

    def describe(self, topics: Sequence[str]) -> Mapping[str, TopicSpec]:
        """See the contract."""
        return {name: self._topics[name].spec for name in topics if name in self._topics}

    def alter(self, spec: TopicSpec) -> None:
        """See the contract."""
        with self._changed:
            topic = self._topic(spec.name)
            topic.partitions += [Partition() for _ in range(spec.partitions - len(topic.partitions))]
            topic.spec = replace(spec, partitions=len(topic.partitions))

    def delete_topic(self, topic: str) -> None:
        """See the contract."""
        with self._changed:
            self._topic(topic)
            del self._topics[topic]

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """See the contract."""
        future: Future[None] = Future()
        try:
            self._append(records)
        except LogError as error:
            future.set_exception(error)
        else:
            future.set_result(None)
        return future

    def append(self, records: Sequence[NewRecord], timeout: float = 30.0) -> None:
        """See the contract."""
        self.submit(records).result(timeout)

    def append_within(self, connection: psycopg.Connection[Any], records: Sequence[NewRecord]) -> None:
        """See the contract."""
        del connection
        self._append(records)

    def announce(self) -> None:
        """See the contract. Appends announce themselves."""

    def _append(self, records: Sequence[NewRecord]) -> None:
        with self._changed:
            if self._closed:
                raise LogUnavailable("the log is closed")
            places = [self._place(record) for record in records]
            now = datetime.now(UTC)
            for record, place in zip(records, places, strict=True):
                self.partition(place).append(
                    Record(
                        record.topic, place.partition, self.partition(place).end, record.key, record.value,
                        record.headers, now,
                    )
                )  # fmt: skip
            self._changed.notify_all()

    def _place(self, record: NewRecord) -> TopicPartition:
        if (size := size_of(record)) > MAX_RECORD_BYTES:
            raise RecordTooLarge(
                f"a record for {record.topic!r} has {size} bytes; the log takes {MAX_RECORD_BYTES}"
            )
        place = TopicPartition(record.topic, partition_of(record, self._topic(record.topic).spec.partitions))
        self.partition(place)
        return place

    def reader(self) -> MemoryReader:
        """See the contract."""
        return MemoryReader(self.partition, self._changed)

    def bounds(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Bounds]:
        """See the contract."""
        with self._changed:
            return {place: self.partition(place).bounds for place in partitions}

    def offsets_at(self, partitions: Sequence[TopicPartition], at: datetime) -> Mapping[TopicPartition, int]:
        """See the contract."""
        with self._changed:
            return {place: self.partition(place).offset_at(at) for place in partitions}

    def tail(self, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
        """See the contract."""
        with self._changed:
            return [record for place in partitions for record in self.partition(place).records[-count:]]

    def delete_before(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        with self._changed:
            for place, offset in positions.items():
                self.partition(place).delete_before(offset)

    def apply_retention(self, now: datetime) -> None:
        """See the contract."""
        with self._changed:
            for topic in self._topics.values():
                for partition in topic.partitions:
                    retention.apply(topic.spec, partition, now)

    def check(self) -> str | None:
        """See the contract."""
        return "the log is closed" if self._closed else None

    def close(self) -> None:
        """See the contract."""
        self._closed = True
