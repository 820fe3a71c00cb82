"""Reading assigned partitions; offsets are the caller's, never the broker's."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import ClusterMetadata

from streaming.contracts.log import LogError, LogUnavailable, OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import Bounds, Headers, Record, TopicPartition
from streaming.kafka.address import Settings
from streaming.kafka.denial import Denial
from streaming.kafka.errors import log_error, translated
from streaming.kafka.patience import SETTLE_SECONDS

_END = KafkaError._PARTITION_EOF  # noqa: SLF001
_OUT_OF_RANGE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}  # noqa: SLF001
_CHECK_SECONDS = 3.0
_CHECK_INTERVAL_SECONDS = 0.1
_FIRST_DAY, _LAST_DAY = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)  # in any zone
logger = logging.getLogger(__name__)


def reader_settings(client: Settings) -> Settings:
    """Settings under which a lost offset is an error and nothing is committed behind the caller's back."""
    return {
        **client,
        "group.id": "headwater",  # demanded by the client; no group is ever joined
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,  # tells where the log ends behind a gap
        "fetch.wait.max.ms": 200,
        "fetch.error.backoff.ms": 100,
        "fetch.queue.backoff.ms": 20,
        "queued.max.messages.kbytes": 16 * 1024,
    }


class KafkaReader:
    """See streaming.contracts.log.Reader."""

    def __init__(self, client: Settings) -> None:
        self._unreachable = False
        self._denial = Denial(client)
        self._consumer = Consumer({**reader_settings(client), "error_cb": self._on_error}, logger=logger)
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._unchecked: set[TopicPartition] = set()
        self._assigned_at = 0.0
        self._failures: dict[TopicPartition, LogError] = {}
        self._out_of_range: set[TopicPartition] = set()

    def _on_error(self, error: KafkaError) -> None:
        self._denial.hear(error)
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._unreachable = True

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        gone = [place for place in self._positions if positions.get(place) != self._positions[place]]
        gone += [place for place in self._out_of_range | self._failures.keys() if place not in gone]
        new = {
            place: offset
            for place, offset in positions.items()
            if place in gone or place not in self._positions
        }
        with translated("partitions cannot be assigned"):
            if gone:
                self._consumer.incremental_unassign([KafkaPartition(*place) for place in gone])
            if self._paused - set(gone):
                self._consumer.resume([KafkaPartition(*place) for place in self._paused - set(gone)])
            if new:
                self._consumer.incremental_assign(
                    [KafkaPartition(*place, offset) for place, offset in new.items()]
                )
                # The client remembers a pause across assignments.
                self._consumer.resume([KafkaPartition(*place) for place in new])
        self._positions = dict(positions)
        self._unchecked = (self._unchecked & positions.keys()) | set(new)
        self._assigned_at = time.monotonic()
        self._paused.clear()
        self._failures.clear()
        self._out_of_range.clear()

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        partitions = list(partitions)
        with translated("partitions cannot be paused"):
            self._consumer.pause([KafkaPartition(*place) for place in partitions])
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See the contract."""
        partitions = list(partitions)
        with translated("partitions cannot be resumed"):
            self._consumer.resume([KafkaPartition(*place) for place in partitions])
        self._paused.difference_update(partitions)

    def positions(self) -> Mapping[TopicPartition, int]:
        """See the contract."""
        return dict(self._positions)

    def close(self) -> None:
        """See the contract."""
        self._consumer.close()

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        """See the contract."""
        deadline = time.monotonic() + timeout
        while True:
            self._check_topics()
            # While topics are unknown they are asked for again and again, and the others are read meanwhile.
            pause = min(deadline, time.monotonic() + _CHECK_INTERVAL_SECONDS) if self._unchecked else deadline
            records = self._received(self._consume(max_records, pause))
            if records:
                self._unreachable = False
                self._denial.forget()
                return records
            self._raise_failure()
            if time.monotonic() >= deadline:
                self._check_reachable()
                return []

    def _consume(self, most: int, deadline: float) -> list[Message]:
        """What has arrived; if that is nothing, what arrives first."""
        with translated("the log cannot be read"):
            messages: list[Message] = self._consumer.consume(most, 0)
            if not messages:
                first = self._consumer.poll(max(0.0, deadline - time.monotonic()))
                # A message without a value, such as a tombstone, is false.
                if first is not None:
                    messages = [first, *self._consumer.consume(most - 1, 0)] if most > 1 else [first]
        return messages

    def _received(self, messages: list[Message]) -> list[Record]:
        records: list[Record] = []
        for message in messages:
            place = TopicPartition(message.topic() or "", message.partition() or 0)
            error = message.error()
            if error is not None:
                self._take_error(place, error, message.offset())
            elif place in self._positions and place not in self._paused:
                record = record_of(message)
                self._positions[place] = record.offset + 1
                records.append(record)
        return records

    def _raise_failure(self) -> None:
        """Raise what is wrong with a partition. Only while no record is at hand: its position has moved already."""
        for place in self._out_of_range - self._paused:
            raise OffsetOutOfRange(place, self._positions[place], self._bounds(place))
        for place, failure in self._failures.items():
            if place not in self._paused:
                raise failure

    def _take_error(self, place: TopicPartition, error: KafkaError, offset: int | None) -> None:
        if place not in self._positions:
            if not error.retriable():
                logger.warning("the Kafka client reports: %s", error.str())
        elif error.code() == _END:
            # Everything before the end was returned or does not exist.
            self._positions[place] = max(self._positions[place], offset or 0)
        elif error.code() in _OUT_OF_RANGE:
            self._out_of_range.add(place)
        elif isinstance(
            failure := log_error(error, f"{place.topic}/{place.partition} cannot be read"), UnknownTopic
        ):
            self._failures[place] = failure
        else:
            logger.warning("the Kafka client reports of %s/%d: %s", *place, error.str())

    def _bounds(self, place: TopicPartition) -> Bounds:
        with translated("the bounds of a partition cannot be read"):
            return Bounds(
                *self._consumer.get_watermark_offsets(KafkaPartition(*place), timeout=_CHECK_SECONDS)
            )

    def _check_topics(self) -> None:
        """Raise UnknownTopic for newly assigned partitions that do not exist: the client would only wait.

        A broker may hear of a new topic a moment after the one that we asked before.
        """
        if not self._unchecked:
            return
        topics = self._list("the topics cannot be listed").topics
        self._unchecked = {
            place
            for place in self._unchecked
            if place.topic not in topics or place.partition not in topics[place.topic].partitions
        }
        if self._unchecked and time.monotonic() > self._assigned_at + SETTLE_SECONDS:
            raise UnknownTopic(f"these partitions do not exist: {sorted(self._unchecked)}")

    def _check_reachable(self) -> None:
        if self._unreachable:
            self._list("Kafka cannot be reached")
            self._unreachable = False

    def _list(self, otherwise: str) -> ClusterMetadata:
        """The topics. Raises LogDenied when that is why no broker answers, else LogUnavailable."""
        try:
            with translated(otherwise):
                metadata: ClusterMetadata = self._consumer.list_topics(timeout=_CHECK_SECONDS)
        except LogUnavailable:
            self._denial.raise_if_denied()
            raise
        self._denial.forget()
        return metadata


def record_of(message: Message) -> Record:
    """The record of a message that has no error."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    appended_at, headers = _moment(message.timestamp()[1]), _headers(message.headers())
    return Record(
        topic, partition, offset, _bytes(message.key()), _bytes(message.value()), headers, appended_at
    )


def _moment(milliseconds: int) -> datetime:
    """In a topic that somebody made with producers' times, any number may stand; no calendar has them all."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return _LAST_DAY if milliseconds > 0 else _FIRST_DAY


def _bytes(content: bytes | str | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content


def _headers(given: object) -> Headers:
    """Kafka has headers without a value; they are taken as empty."""
    pairs = given.items() if isinstance(given, dict) else given if isinstance(given, list) else ()
    return tuple((name, value or b"") for name, value in pairs)
