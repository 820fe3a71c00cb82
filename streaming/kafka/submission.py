"""Records submitted together, and the future that is done when all of them are."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from confluent_kafka import KafkaError, Message

from streaming.contracts.log import LogError
from streaming.contracts.records import NewRecord
from streaming.kafka.errors import log_error


class Submission:
    """Counts delivery reports. The first error is the future's; it waits for the others, which may succeed."""

    def __init__(self, records: Sequence[NewRecord], settled: Callable[[int], None]) -> None:
        self.records = records
        self.future: Future[None] = Future()
        self.produced = 0
        self._settled = settled
        self._delivered = 0
        self._complete = False
        self._error: LogError | None = None
        self._lock = threading.Lock()

    def begin(self) -> bool:
        """Whether the caller still wants it; from here on it cannot take the records back."""
        if self.future.set_running_or_notify_cancel():
            return True
        self._settled(len(self.records))
        return False

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        """Take the report of one record."""
        if error is not None and self._error is None:
            self._error = log_error(error, f"Kafka did not take a record for {message.topic()!r}")
        with self._lock:
            self._delivered += 1
            done = self._complete and self._delivered == self.produced
        if done:
            self._resolve()

    def finish(self) -> None:
        """All that will be produced has been."""
        with self._lock:
            self._complete = True
            done = self._delivered == self.produced
        if done:
            self._resolve()

    def fail(self, error: LogError) -> None:
        """Stop producing; the future fails once the records already given to Kafka have their reports."""
        self._error = self._error or error
        self.finish()

    def _resolve(self) -> None:
        self._settled(len(self.records))
        if self._error is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(self._error)
