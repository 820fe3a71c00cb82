"""What the Kafka log makes of answers that say nothing, without a broker."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from confluent_kafka import OFFSET_INVALID

from streaming.contracts.records import Bounds, TopicPartition
from streaming.kafka.log import KafkaLog

PLACE = TopicPartition("t", 0)


def test_offsets_that_no_broker_knows_in_an_election_are_asked_for_again(monkeypatch):
    told = iter([OFFSET_INVALID, 3, OFFSET_INVALID, 7])

    class Client:
        """Stands for the Kafka client."""

        def list_offsets(self, places: Any, **_given: Any) -> dict[Any, Future]:
            future: Future = Future()
            future.set_result(SimpleNamespace(offset=next(told)))
            return dict.fromkeys(places, future)

    log = KafkaLog.of_url("kafka://127.0.0.1:1")
    monkeypatch.setattr(log._topics, "names", lambda: {"t": 1})
    monkeypatch.setattr(log._admin, "client", Client)
    try:
        assert log.bounds([PLACE]) == {PLACE: Bounds(3, 7)}
    finally:
        log.close()
