"""The event log on Kafka, put together."""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Self

from confluent_kafka import OFFSET_INVALID
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import OffsetSpec

from streaming.contracts.cluster import LogTrouble, Replication
from streaming.contracts.log import LogUnavailable, UnknownTopic
from streaming.contracts.records import Bounds, NewRecord, Record, TopicPartition, TopicSpec
from streaming.kafka.address import Settings, client_settings
from streaming.kafka.admin import KafkaAdmin
from streaming.kafka.errors import LogSettling, translated
from streaming.kafka.health import KafkaHealth
from streaming.kafka.patience import REQUEST_SECONDS, answer_of, patiently
from streaming.kafka.producer import KafkaProducer
from streaming.kafka.reader import KafkaReader
from streaming.kafka.replication import MIN_INSYNC, KafkaReplication
from streaming.kafka.topics import KafkaTopics

_TAIL_SECONDS = 5.0
_NO_SUCH_OFFSET = -1
_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class KafkaLog:
    """See streaming.contracts.log.EventLog and streaming.contracts.cluster.ClusteredLog."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = KafkaAdmin(settings)
        self._topics = KafkaTopics(self._admin)
        self._replication = KafkaReplication(self._admin, self._topics)
        self._health = KafkaHealth(self._admin, self._topics)
        self._producer = KafkaProducer(settings, self._topics)

    @classmethod
    def of_url(cls, url: str, access: Mapping[str, str] | None = None) -> Self:
        """The log of an address such as `kafka://host:9092,host:9092`; `access` is how to be let in."""
        return cls(client_settings(url, access or {}))

    def lane_producer(self) -> KafkaProducer:
        """A producer that never times out, for records that must go out in their order or not at all.

        The caller closes it.
        """
        return KafkaProducer(self._settings, self._topics, delivery_timeout_ms=0)

    def identity(self, topic: str) -> str:
        """See the contract."""
        return self._topics.identity(topic)

    def topics(self) -> Mapping[str, int]:
        """See the contract."""
        return self._topics.names()

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """See the contract."""
        self._topics.create(specs)

    def describe(self, topics: Sequence[str]) -> Mapping[str, TopicSpec]:
        """See the contract."""
        return self._topics.describe(topics)

    def alter(self, spec: TopicSpec) -> None:
        """See the contract."""
        self._topics.alter(spec)

    def delete_topic(self, topic: str) -> None:
        """See the contract."""
        self._topics.delete(topic)

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """See the contract."""
        return self._producer.submit(records)

    def append(self, records: Sequence[NewRecord], timeout: float = 30.0) -> None:
        """See the contract."""
        try:
            self._producer.submit(records).result(timeout)
        except TimeoutError:
            raise LogUnavailable(f"the log did not acknowledge the records within {timeout} s") from None

    def reader(self) -> KafkaReader:
        """See the contract."""
        return KafkaReader(self._settings)

    def bounds(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Bounds]:
        """See the contract."""
        starts, ends = self._offsets(partitions, _EARLIEST), self._offsets(partitions, _LATEST)
        return {place: Bounds(starts[place], ends[place]) for place in partitions}

    def offsets_at(self, partitions: Sequence[TopicPartition], at: datetime) -> Mapping[TopicPartition, int]:
        """See the contract. Kafka's times are whole milliseconds."""
        moment = OffsetSpec.for_timestamp(math.ceil(at.timestamp() * 1000))
        found = self._offsets(partitions, moment)
        beyond = [place for place, offset in found.items() if offset == _NO_SUCH_OFFSET]
        return {**found, **self._offsets(beyond, _LATEST)}

    def _offsets(self, partitions: Sequence[TopicPartition], which: OffsetSpec) -> dict[TopicPartition, int]:
        return patiently(lambda: self._asked_offsets(partitions, which)) if partitions else {}

    def _asked_offsets(
        self, partitions: Sequence[TopicPartition], which: OffsetSpec
    ) -> dict[TopicPartition, int]:
        self._require(partitions)
        with translated("offsets cannot be listed", self._admin.grant("Describe", "--topic", "'*'")):
            futures = self._admin.client().list_offsets(
                {KafkaPartition(*place): which for place in partitions},
                request_timeout=REQUEST_SECONDS,
            )
            found = {
                TopicPartition(place.topic, place.partition): answer_of(future).offset
                for place, future in futures.items()
            }
        if unknown := [place for place, offset in found.items() if offset == OFFSET_INVALID]:
            raise LogSettling(f"the brokers do not know the offsets of {unknown} yet")
        return found

    def _require(self, partitions: Sequence[TopicPartition]) -> None:
        existing = self._topics.names()
        if missing := [place for place in partitions if place.partition >= existing.get(place.topic, 0)]:
            raise UnknownTopic(f"these partitions do not exist: {missing}")

    def tail(self, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
        """See the contract."""
        bounds = self.bounds(partitions)
        found: dict[TopicPartition, list[Record]] = {place: [] for place in partitions}
        reader = self.reader()
        try:
            reader.assign({place: max(start, end - count) for place, (start, end) in bounds.items()})
            deadline = time.monotonic() + _TAIL_SECONDS
            while any(reader.positions()[place] < end for place, (_, end) in bounds.items()):
                if time.monotonic() > deadline:
                    raise LogUnavailable(
                        f"the last records of {len(partitions)} partitions did not come in time"
                    )
                for record in reader.poll(1000, 0.2):
                    found[record.topic_partition].append(record)
        finally:
            reader.close()
        return [record for place in partitions for record in found[place][-count:]]

    def delete_before(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        ends = self.bounds(list(positions))
        targets = [
            KafkaPartition(*place, min(offset, ends[place].end)) for place, offset in positions.items()
        ]
        patiently(lambda: self._delete(targets))

    def _delete(self, targets: Sequence[KafkaPartition]) -> None:
        with translated("records cannot be deleted", self._admin.grant("Delete", "--topic", "'*'")):
            admin = self._admin.client()
            for future in admin.delete_records(list(targets), request_timeout=REQUEST_SECONDS).values():
                answer_of(future)

    def apply_retention(self, now: datetime) -> None:
        """See the contract: Kafka does so itself."""

    def check(self) -> str | None:
        """See the contract."""
        return next((each.text for each in self.troubles(()) if each.stops_events), None)

    @property
    def servers(self) -> str:
        """See streaming.contracts.cluster.ClusteredLog."""
        return self._admin.servers

    def replication(self, topics: Sequence[str]) -> Mapping[str, Replication]:
        """See streaming.contracts.cluster.ClusteredLog."""
        return self._replication.of(topics)

    def set_min_insync(self, topic: str, count: int) -> None:
        """See streaming.contracts.cluster.ClusteredLog."""
        self._topics.configure(topic, {MIN_INSYNC: str(count)})

    def reassignment(self, topic: str, factor: int) -> str:
        """See streaming.contracts.cluster.ClusteredLog."""
        return self._replication.plan(topic, factor)

    def troubles(self, expected: Collection[str]) -> list[LogTrouble]:
        """See streaming.contracts.cluster.ClusteredLog."""
        return self._health.troubles(expected)

    def close(self) -> None:
        """See the contract."""
        self._producer.close()
