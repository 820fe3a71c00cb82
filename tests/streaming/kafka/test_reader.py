"""What the Kafka reader makes of errors among records, without a broker."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from streaming.contracts.log import LogUnavailable, OffsetOutOfRange
from streaming.contracts.records import TopicPartition
from streaming.kafka.reader import KafkaReader, record_of

GOOD, LOST = TopicPartition("t", 0), TopicPartition("t", 1)


class Client:
    """Stands for the Kafka client: hands out what it is given, and knows bounds when it can be reached."""

    def __init__(self, _settings: Any, **_given: Any) -> None:
        self.arrived: list[Message] = []
        self.is_reachable = True

    def consume(self, most: int, _timeout: float) -> list[Message]:
        taken, self.arrived = self.arrived[:most], self.arrived[most:]
        return taken

    def poll(self, _timeout: float) -> None:
        return None

    def list_topics(self, *_given: Any, **_more: Any) -> Any:
        class Topic:
            partitions = (0, 1)

        class Metadata:
            topics = {"t": Topic}

        return Metadata

    def get_watermark_offsets(self, _place: Any, **_given: Any) -> tuple[int, int]:
        if not self.is_reachable:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))
        return 7, 9

    def incremental_assign(self, _places: Any) -> None: ...
    def resume(self, _places: Any) -> None: ...


def record(offset: int) -> Message:
    return Message(*GOOD, offset, b"k", b"%d" % offset, timestamp=(1, 0))


def out_of_range() -> Message:
    return Message(*LOST, 3, error=KafkaError(KafkaError._AUTO_OFFSET_RESET))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    client = Client({})
    monkeypatch.setattr("streaming.kafka.reader.Consumer", lambda *_given, **_more: client)
    return client


def test_records_beside_a_lost_offset_are_returned_whatever_becomes_of_the_question_for_bounds(
    client: Client,
):
    reader = KafkaReader({})
    reader.assign({GOOD: 0, LOST: 3})
    client.arrived, client.is_reachable = [record(0), out_of_range(), record(1)], False
    assert [each.offset for each in reader.poll(10, 0)] == [0, 1]
    with pytest.raises(LogUnavailable):
        reader.poll(10, 0)
    client.is_reachable = True
    with pytest.raises(OffsetOutOfRange, match=r"offset 3 of t/1 .* holds 7 to 9"):
        reader.poll(10, 0)
    assert reader.positions() == {GOOD: 2, LOST: 3}


@pytest.mark.parametrize(
    ("milliseconds", "year"), [(2**62, 9999), (-(2**62), 1), (253_402_300_800_000, 9999)]
)
def test_a_time_that_no_calendar_has_keeps_no_record_from_being_read(milliseconds: int, year: int):
    message = Message(*GOOD, 0, b"k", b"v", timestamp=(1, milliseconds))
    assert record_of(message).appended_at.year == year
