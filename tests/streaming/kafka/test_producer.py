"""What becomes of a submission when its Kafka producer fails for good, without a broker."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord
from streaming.kafka.producer import KafkaProducer
from tests.streaming.contract.subject import eventually


class Client:
    """Stands for librdkafka: acknowledges when it is polled, and calls `after_second` with its second record."""

    def __init__(self, after_second: Callable[[], None]) -> None:
        self.taken: list[bytes] = []
        self.waiting: list[Callable[[KafkaError | None, Message], None]] = []
        self._after_second = after_second

    def produce(self, topic: str, value: bytes, *_given: Any, on_delivery: Any, **_more: Any) -> None:
        self.taken.append(value)
        self.waiting.append(on_delivery)
        if len(self.taken) == 2:
            self._after_second()

    def _report(self, error: KafkaError | None) -> None:
        while self.waiting:
            self.waiting.pop(0)(error, Message("t", 0))

    def poll(self, timeout: float) -> None:
        self._report(None)

    def purge(self) -> None:
        self._report(KafkaError(KafkaError._PURGE_QUEUE))

    def flush(self, _timeout: float) -> int:
        self._report(None)
        return 0


class Topics:
    def require(self, _name: str) -> None: ...
    def forget(self) -> None: ...


class Setting:
    def __init__(self) -> None:
        self.built: list[Any] = []
        self.producer = KafkaProducer({}, Topics(), delivery_timeout_ms=0)  # type: ignore[arg-type]

    def build(self, *_given: Any, **_more: Any) -> Any:
        self.built.append(Client((lambda: None) if self.built else self.fail_for_good))
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


def records(*numbers: int) -> list[NewRecord]:
    return [NewRecord("t", b"k", b"%d" % number) for number in numbers]


def test_nothing_of_a_submission_goes_to_the_producer_that_follows_a_failed_one(setting: Setting):
    future = setting.producer.submit(records(*range(6)))
    with pytest.raises(LogUnavailable):
        future.result(10)
    assert setting.built[1].taken == []
    setting.producer.submit(records(*range(6))).result(10)
    assert setting.built[1].taken == [b"0", b"1", b"2", b"3", b"4", b"5"]
