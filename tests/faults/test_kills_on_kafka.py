"""The same on a real three-broker Kafka, with the steps of the outbox, and with a broker that dies."""

import signal
from collections.abc import Iterator

import orjson
import pytest

from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.kafka.log import KafkaLog
from tests.faults.checking import check
from tests.faults.system import System
from tests.ingestion.collector.serving import eventually
from tests.streaming.contract.subject import Subject

pytestmark = [pytest.mark.fault, pytest.mark.kafka]

STEPS = ("outbox.before_send=kill@2", "outbox.after_send=kill@2", "consumer.after_commit=kill@2")


@pytest.fixture
def log(kafka_cluster) -> Iterator[KafkaLog]:
    """The cluster's log, empty of Headwater's topics before and after."""
    made = KafkaLog.of_url(kafka_cluster.url)
    _clear(made)
    yield made
    _clear(made)
    made.close()


def _clear(log: KafkaLog) -> None:
    for topic in log.topics():
        if topic.startswith(("events.", "profiles.", "rejections", "dead_letters.", "retry.")):
            log.delete_topic(topic)


@pytest.fixture
def system(fresh_database, tmp_path, kafka_cluster, log) -> Iterator[System]:
    made = System(fresh_database, tmp_path, EVENT_LOG=kafka_cluster.url)
    yield made
    made.stop()


@pytest.mark.parametrize("step", STEPS)
def test_a_consumer_is_killed(system, log, step):
    system.web.start()
    with system.load() as load:
        load.wait_for(50)
        consumers = system.consume(HEADWATER_FAILPOINTS=step)
        eventually(consumers.died, seconds=90)
        assert consumers.process.returncode == -signal.SIGKILL
        load.wait_for(50)
    system.drain()
    check(system.database, load.ledger)
    _check_published(system, log)


def test_a_broker_is_killed(system, log, kafka_cluster):
    system.web.start()
    consumers = system.consume()
    with system.load() as load:
        load.wait_for(50)
        eventually(system.applied, seconds=90)
        kafka_cluster.kill(1)
        try:
            load.wait_for(200, seconds=90)
        finally:
            kafka_cluster.restart(1)
        load.wait_for(50)
    eventually(lambda: system.applied() > len(load.ledger.acknowledged) // 2, seconds=90)
    consumers.signal(signal.SIGTERM)
    assert consumers.wait(60) == 0
    system.drain()
    check(system.database, load.ledger)
    _check_published(system, log)


def _check_published(system: System, log: KafkaLog) -> None:
    """Each applied event was published; repetitions of a record carry the lane's number, so that readers drop them."""
    with system.database.connect() as connection:
        stored = {row[0] for row in connection.execute("SELECT message_id FROM profiles_timeline")}
        assert connection.execute("SELECT count(*) FROM outbox_record").fetchone() == (0,)
    records = Subject(log).read_topic(EVENTS_TOPIC)
    distinct = {record.headers: record for record in records}
    ids = [orjson.loads(record.value or b"")["event"]["message_id"] for record in distinct.values()]
    assert sorted(ids) == sorted(stored)
