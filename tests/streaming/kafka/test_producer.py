"""What becomes of a submission when its Kafka producer fails for good, without a broker."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message

from streaming.contracts.log import LogUnavailable, RecordTooLarge
from streaming.contracts.records import NewRecord
from streaming.kafka.producer import KafkaProducer
from tests.waiting import eventually


class Client:
    """Stands for librdkafka: acknowledges when it is polled, unless it is to fail with its second record or first batch.

    Of a batch it takes as many records as it has `room`, and tells of the others by the error `full`.
    """

    room, full = 1000, KafkaError(KafkaError._QUEUE_FULL)

    def __init__(self, fail: Callable[[], None] | None = None) -> None:
        self.taken: list[bytes] = []
        self.waiting: list[Callable[[KafkaError | None, Message], None]] = []
        self.purged: KafkaError | None = None
        self._fail = fail

    def produce(self, topic: str, value: bytes, *_given: Any, on_delivery: Any, **_more: Any) -> None:
        self.taken.append(value)
        self.waiting.append(on_delivery)
        if len(self.taken) == 2 and self._fail:
            self._fail()

    def produce_batch(self, topic: str, messages: list[Any], *, on_delivery: Any) -> int:
        is_first, fitting = not self.taken, messages[: self.room]
        self.taken += [message["value"] for message in fitting]
        self.waiting += [on_delivery] * len(fitting)
        for message in messages[self.room :]:
            message["_error"] = self.full
        if is_first and self._fail:
            self._fail()
        return len(fitting)

    def _report(self, error: KafkaError | None, most: int = 1000) -> None:
        for report in self.waiting[:most]:
            report(self.purged or error, Message("t", 0))
        del self.waiting[:most]

    def poll(self, timeout: float) -> None:
        if not self._fail:
            self._report(None)

    def purge(self) -> None:
        self.purged = KafkaError(KafkaError._PURGE_QUEUE)

    def flush(self, timeout: float) -> int:
        """As slow as a busy machine."""
        self._report(None, most=int(timeout * 5))
        return len(self.waiting)


class Topics:
    def require(self, _name: str) -> None: ...
    def forget(self) -> None: ...


class Setting:
    def __init__(self) -> None:
        self.built: list[Any] = []
        self.producer = KafkaProducer({}, Topics(), delivery_timeout_ms=0)  # type: ignore[arg-type]

    def build(self, *_given: Any, **_more: Any) -> Any:
        self.built.append(Client(None if self.built else self.fail_for_good))
        return self.built[-1]

    def fail_for_good(self) -> None:
        self.producer._on_error(KafkaError(KafkaError._FATAL, "out of sequence", fatal=True))
        eventually(lambda: self.producer._producer in self.built[1:], "another producer")


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    setting = Setting()
    monkeypatch.setattr("streaming.kafka.producer.Producer", setting.build)
    yield setting
    setting.producer.close()


def records(*numbers: int, topics: str = "t", partition: int | None = None) -> list[NewRecord]:
    return [
        NewRecord(topics[number % len(topics)], b"k", b"%d" % number, partition=partition)
        for number in numbers
    ]


@pytest.mark.parametrize(
    "how", [{}, {"topics": "tu"}, {"partition": 0}], ids=["together", "by_topic", "one_by_one"]
)
def test_nothing_of_a_submission_goes_to_the_producer_that_follows_a_failed_one(
    setting: Setting, how: dict[str, Any]
):
    future = setting.producer.submit(records(*range(6), **how))
    with pytest.raises(LogUnavailable):
        future.result(10)
    assert setting.built[1].taken == []
    setting.producer.submit(records(*range(6))).result(10)
    assert setting.built[1].taken == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_what_found_no_room_in_the_queue_goes_after_what_did(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
):
    setting.built.append(None)  # so that the first client does not fail
    monkeypatch.setattr(Client, "room", 2)
    setting.producer.submit(records(*range(6))).result(10)
    assert setting.built[1].taken == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_a_record_that_is_refused_within_a_batch_fails_the_submission(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
):
    setting.built.append(None)
    monkeypatch.setattr(Client, "room", 2)
    monkeypatch.setattr(Client, "full", KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    with pytest.raises(RecordTooLarge):
        setting.producer.submit(records(*range(6))).result(10)
    assert setting.built[1].taken == [b"0", b"1"]
    monkeypatch.setattr(Client, "room", 6)
    setting.producer.submit(records(*range(6))).result(10)
