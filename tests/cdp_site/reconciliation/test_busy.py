"""While events flow, consumers lag and duplicates arrive, nothing is said to be missing that is not."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cdp_site.reconciliation.enums import RunState
from streaming.contracts.records import TopicPartition, TopicSpec
from tests.cdp_site.reconciliation.conftest import TOPIC, Pipeline, found, fresh_event, named, totals
from tests.streaming.contract.subject import eventually

EVENTS = 600
LEAST = 4


@contextmanager
def traffic(pipeline: Pipeline, seed: int) -> Iterator[threading.Event]:
    """Events, some of them several times and some that nobody can read; the event is set when all are sent."""
    sent, chance = threading.Event(), random.Random(seed)

    def send() -> None:
        known = []
        for _ in range(EVENTS // 10):
            fresh = [fresh_event(user_id=f"u{chance.randrange(50)}") for _ in range(10)]
            known += fresh
            again = chance.sample(known, chance.randrange(4))
            broken = [b"{}"] if chance.random() < 0.05 else []
            pipeline.append(*fresh, *again, *broken, partition=chance.randrange(2))
        sent.set()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        thread.join(60)


@pytest.mark.parametrize(
    "kind", ["pipeline", pytest.param("on_kafka", marks=pytest.mark.kafka)], ids=["postgres", "kafka"]
)
def test_traffic_is_no_finding(kind, request):
    pipeline: Pipeline = request.getfixturevalue(kind)
    pipeline.log.create_topics([TopicSpec("events.other", 1)])
    pipeline.start()
    runs = 0
    with traffic(pipeline, seed=20) as sent:
        while not sent.is_set() or runs < LEAST:
            run = pipeline.reconcile()
            assert (found(run), run.state) == ([], RunState.BALANCED)
            runs += 1
            if runs == 2:
                pipeline.stop()  # the builder lags for a while
            elif runs == 3:
                pipeline.start()
    pipeline.wait()
    run = pipeline.reconcile()
    assert (found(run), totals(run).applied, totals(run).pending) == ([], EVENTS, 0)
    assert totals(run).duplicates > 0
    assert totals(run).dead_lettered > 0


@pytest.mark.kafka
def test_on_kafka_each_loss_is_named(on_kafka: Pipeline):
    """Kafka deletes no single record; the older ones of a partition can be, and a topic whose retention did not."""
    events = [fresh_event(user_id=f"u{number}") for number in range(4)]
    on_kafka.append(*events)
    on_kafka.build()
    assert (found(on_kafka.reconcile()), totals(on_kafka.reconcile()).applied) == ([], 4)

    forgotten, unstored = events[1]["message_id"], events[2]["message_id"]
    on_kafka.forget(forgotten)
    on_kafka.rows("DELETE FROM profiles_timeline WHERE message_id = %s", unstored)
    assert sorted(found(on_kafka.reconcile())) == sorted(
        [(forgotten, "not_remembered"), (unstored, "not_stored")]
    )
