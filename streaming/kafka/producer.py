"""Producing: idempotent, acknowledged by all in-sync replicas, one future per submission.

A thread hands the submissions to librdkafka in their order, another one serves its delivery reports.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import groupby
from operator import attrgetter
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from streaming.contracts.log import LogError, LogUnavailable, UnknownTopic
from streaming.contracts.partitioning import MAX_RECORD_BYTES
from streaming.contracts.records import NewRecord
from streaming.kafka.address import Settings
from streaming.kafka.errors import log_error
from streaming.kafka.submission import Submission
from streaming.kafka.topics import KafkaTopics

DELIVERY_TIMEOUT_MS = 15_000
MAX_PENDING_RECORDS = 200_000
_POLL_SECONDS = 0.1
_CLOSE_SECONDS = 20.0
_CHOOSE_BY_KEY = -1
_FAILED_MEANWHILE = "the Kafka producer failed for good in the middle of these records"
logger = logging.getLogger(__name__)


def _is_plain(record: NewRecord) -> bool:
    """Whether it can be given to librdkafka beside others."""
    return record.key != b"" and record.partition is None and not record.headers


def producer_settings(client: Settings, *, delivery_timeout_ms: int) -> Settings:
    """Settings that lose nothing: 0 as time-out means that librdkafka tries for ever."""
    return {
        **client,
        "enable.idempotence": True,
        "acks": "all",
        "message.timeout.ms": delivery_timeout_ms,
        "message.max.bytes": MAX_RECORD_BYTES + 64 * 1024,
        "partitioner": "consistent_random",  # CRC32 of the key, as streaming.contracts.partitioning
        "linger.ms": 2,
        "compression.type": "lz4",
        "queue.buffering.max.messages": MAX_PENDING_RECORDS,
        "queue.buffering.max.kbytes": 256 * 1024,
        "topic.metadata.propagation.max.ms": 5000,
    }


class KafkaProducer:
    """A producer that is rebuilt after a fatal error. Thread-safe."""

    def __init__(
        self, client: Settings, topics: KafkaTopics, *, delivery_timeout_ms: int = DELIVERY_TIMEOUT_MS
    ) -> None:
        self._settings = producer_settings(client, delivery_timeout_ms=delivery_timeout_ms)
        self._patient = delivery_timeout_ms == 0
        self._topics = topics
        self._queue: deque[Submission] = deque()
        self._changed = threading.Condition()
        self._open = 0  # records submitted and not yet settled
        self._producer: Producer | None = None
        self._fatal = False
        self._closing = False
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """See streaming.contracts.log.EventLog.submit."""
        submission = Submission(records, self._settled)
        refusal: LogError | None = None
        with self._changed:
            if self._closing:
                refusal = LogUnavailable("the log is closed")
            elif self._open > MAX_PENDING_RECORDS:
                refusal = LogUnavailable(f"{self._open} records already wait for Kafka")
            else:
                self._start()
                self._open += len(records)
                self._queue.append(submission)
                self._changed.notify()
        if refusal is not None:
            submission.future.set_exception(refusal)
        return submission.future

    def _settled(self, count: int) -> None:
        with self._changed:
            self._open -= count

    def _start(self) -> None:
        if not self._threads:
            self._producer = self._build()
            for work in (self._send, self._serve):
                thread = threading.Thread(target=work, name=f"kafka {work.__name__.strip('_')}", daemon=True)
                thread.start()
                self._threads.append(thread)

    def _build(self) -> Producer:
        self._fatal = False
        return Producer({**self._settings, "error_cb": self._on_error}, logger=logger)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            logger.error("the Kafka producer failed for good and is rebuilt: %s", error.str())
            self._fatal = True

    def close(self) -> None:
        """Deliver what was submitted, as far as Kafka takes it, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if not self._threads:
            return
        self._threads[0].join(_CLOSE_SECONDS)
        assert self._producer is not None
        if undelivered := self._producer.flush(_CLOSE_SECONDS):
            logger.error("%d records were not acknowledged by Kafka before the close", undelivered)
            self._producer.purge()
            self._producer.flush(1)
        self._stopped.set()
        self._threads[1].join(_CLOSE_SECONDS)
        # They refer to us: only without them the client's threads and connections are let go at once.
        self._producer, self._threads = None, []

    def _serve(self) -> None:
        while not self._stopped.is_set():
            assert self._producer is not None
            self._producer.poll(_POLL_SECONDS)
            if self._fatal:
                former, self._producer = self._producer, self._build()
                former.purge()
                # Without its reports nobody would ever hear what became of these records.
                if lost := former.flush(_CLOSE_SECONDS):
                    logger.error("%d records of the former Kafka producer were never reported on", lost)

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if not self._queue:
                    return
                submission = self._queue.popleft()
            if not submission.begin():
                continue
            try:
                self._produce_all(submission)
            except LogError as error:
                submission.fail(error)
            except Exception as error:  # the thread must survive whatever a caller submitted
                logger.exception("records could not be given to Kafka")
                submission.fail(LogError(f"records could not be produced: {type(error).__name__}"))

    def _produce_all(self, submission: Submission) -> None:
        """Give all records to one producer: what the next one takes must not overtake what failed with this one."""
        producer = self._producer
        assert producer is not None
        for topic, run in groupby(submission.records, attrgetter("topic")):
            self._topics.require(topic)
            records = list(run)
            if all(map(_is_plain, records)):
                self._produce_together(producer, records, submission)
                continue
            for record in records:
                self._produce(producer, record, submission)
                submission.produced += 1
        submission.finish()

    def _produce_together(
        self, producer: Producer, records: Sequence[NewRecord], submission: Submission
    ) -> None:
        """Give records of one topic to librdkafka in one call, so that its batches get full while other threads work."""
        messages: list[dict[str, Any]] = [{"key": record.key, "value": record.value} for record in records]
        if self._fatal or producer is not self._producer:
            raise LogUnavailable(_FAILED_MEANWHILE)
        taken = producer.produce_batch(records[0].topic, messages, on_delivery=submission.delivered)
        submission.produced += taken
        if taken == len(records):
            return
        # None of the others gets a report. Those that found no room any more are the last ones.
        refused = [
            (message["_error"], record)
            for message, record in zip(messages, records, strict=True)
            if "_error" in message
        ]
        for error, record in refused:
            if error.code() != KafkaError._QUEUE_FULL:  # noqa: SLF001 -- its name of the client's own errors
                self._refuse(producer, error, record)
        for _, record in refused:
            self._produce(producer, record, submission)
            submission.produced += 1

    def _produce(self, producer: Producer, record: NewRecord, submission: Submission) -> None:
        """Give one record to librdkafka; waits while its queue is full."""
        partition = _CHOOSE_BY_KEY if record.partition is None else record.partition
        if record.key == b"":  # librdkafka would spread them
            partition = record.partition or 0
        give_up_at = time.monotonic() + int(self._settings["message.timeout.ms"]) / 1000
        while True:
            if self._fatal or producer is not self._producer:
                raise LogUnavailable(_FAILED_MEANWHILE)
            try:
                producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    partition,
                    on_delivery=submission.delivered,
                    headers=list(record.headers),
                )
            except BufferError:
                if not self._patient and time.monotonic() > give_up_at:
                    raise LogUnavailable("Kafka does not take records as fast as they come") from None
                self._stopped.wait(_POLL_SECONDS / 10)
            except KafkaException as exception:
                self._refuse(producer, exception.args[0], record)
            else:
                return

    def _refuse(self, producer: Producer, error: KafkaError, record: NewRecord) -> None:
        failure = log_error(error, f"Kafka refused a record for {record.topic!r}")
        if error.fatal() and producer is self._producer:
            self._fatal = True
        if isinstance(failure, UnknownTopic):
            self._topics.forget()
        raise failure
