"""Asking brokers that do not answer."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streaming.contracts.log import LogUnavailable
from streaming.kafka import admin
from streaming.kafka.admin import KafkaAdmin


class Client:
    """Stands for the Kafka client of a cluster that is away."""

    def __init__(self) -> None:
        self.asked = 0

    def list_topics(self, timeout: float) -> Any:
        self.asked += 1
        raise KafkaException(KafkaError(KafkaError._TRANSPORT))

    def poll(self, _timeout: float) -> None: ...


def test_who_asks_right_after_another_does_not_wait_for_brokers_that_are_away(
    monkeypatch: pytest.MonkeyPatch,
):
    client = Client()
    monkeypatch.setattr(admin, "AdminClient", lambda *_given, **_more: client)
    monkeypatch.setattr(admin, "_REACH_SECONDS", 0.0)
    monkeypatch.setattr(admin, "_AWAY_SECONDS", 60.0)
    asking = KafkaAdmin({"bootstrap.servers": "127.0.0.1:1"})
    said = []
    for _ in range(3):
        with pytest.raises(LogUnavailable, match=r"no broker answers at 127\.0\.0\.1:1") as error:
            asking.metadata()
        said.append(str(error.value))
    assert (client.asked, len(set(said))) == (1, 1)
    asking._away_until = 0.0
    with pytest.raises(LogUnavailable):
        asking.metadata()
    assert client.asked == 2, "later it is asked again"
