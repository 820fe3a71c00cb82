"""While events flow, consumers lag and duplicates arrive, nothing is said to be missing that is not."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from cdp_site.reconciliation.enums import RunState
from cdp_site.reconciliation.queries import Totals
from streaming.contracts.records import TopicSpec
from tests.cdp_site.reconciliation.conftest import TOPIC, Pipeline, found, fresh_event, totals
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

EVENTS = 300
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


def compact(pipeline: Pipeline, servers: str, lost: int) -> None:
    """Have Kafka lose a record that it should hold: somebody sets a topic of events to compaction."""
    settings = {
        "cleanup.policy": "compact", "segment.ms": "500", "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "1000",
    }  # fmt: skip
    set_to = AlterConfigOpType.SET
    entries = [ConfigEntry(key, value, incremental_operation=set_to) for key, value in settings.items()]
    resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=entries)
    client = AdminClient({"bootstrap.servers": servers})
    for future in client.incremental_alter_configs([resource]).values():
        future.result()

    def is_lost() -> bool:
        pipeline.append(fresh_event(user_id="rolls the newest segment"))
        return lost not in {r.offset for r in Subject(pipeline.log).read_topic(TOPIC) if r.partition == 0}

    eventually(is_lost, "the record is compacted away")


@pytest.mark.kafka
def test_on_kafka_each_loss_is_named(on_kafka: Pipeline, kafka_cluster):
    events = [fresh_event(user_id=user) for user in ("u1", "u2", "u3", "u2", "u4")]
    on_kafka.append(*events)
    on_kafka.build()
    run = on_kafka.reconcile()
    assert (found(run), totals(run)) == ([], Totals(applied=5))

    forgotten, unlogged, unstored = (events[number]["message_id"] for number in (0, 1, 2))
    on_kafka.forget(forgotten)
    on_kafka.rows("DELETE FROM profiles_timeline WHERE message_id = %s", unstored)
    compact(on_kafka, kafka_cluster.bootstrap_servers, lost=1)
    assert sorted(found(on_kafka.reconcile())) == sorted(
        [(unlogged, "not_logged"), (forgotten, "not_remembered"), (unstored, "not_stored")]
    )
