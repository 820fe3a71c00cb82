"""What the health check says of three real brokers, whole and with one or two of them dead."""

import json
import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streaming.contracts.cluster import Ailment, Replication
from streaming.contracts.log import LogError
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.kafka.log import KafkaLog
from tests.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def log(kafka_cluster):
    log = KafkaLog.of_url(kafka_cluster.url)
    yield log
    log.close()


@pytest.fixture
def topic(log) -> Iterator[str]:
    """A topic that does not outlive the test: what it demands would be said of the next one's cluster too."""
    name = f"t.{uuid.uuid4().hex[:12]}"
    log.create_topics([TopicSpec(name, 3)])
    yield name
    log.delete_topic(name)


@pytest.fixture
def lone_topic(log, kafka_cluster) -> Iterator[str]:
    """A topic of which node 2 has the only copy."""
    name = f"t.{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": kafka_cluster.bootstrap_servers})
    (made,) = admin.create_topics([NewTopic(name, 1, replica_assignment=[[2]])]).values()
    made.result(30)
    yield name
    eventually(lambda: name in log.topics(), "the topic is known")
    log.delete_topic(name)


def named(log: KafkaLog, ailment: Ailment) -> str:
    """What is said of an ailment; nothing where it is not found."""
    return "; ".join(f"{each.text} | {each.remedy}" for each in log.troubles(()) if each.ailment is ailment)


def test_a_whole_cluster_has_no_troubles(log, topic):
    eventually(lambda: log.troubles([topic]) == [] and log.check() is None, "a whole cluster", 120)
    assert log.replication([topic, "no.such.topic"]) == {topic: Replication(3, 2)}


def test_a_dead_broker_is_named_and_the_others_go_on(log, topic, kafka_cluster):
    with kafka_cluster.without(1):
        eventually(lambda: "broker 1 is missing" in named(log, Ailment.BROKER_MISSING), "it is missed", 120)
        assert "partitions have a copy less" in named(log, Ailment.BROKER_MISSING)
        eventually(lambda: log.check() is None, "a controller and leaders are chosen", 120)
        log.append([NewRecord(topic, b"k", b"v")])
    eventually(lambda: log.troubles([topic]) == [], "all is well again")


def test_too_few_copies_in_sync_refuse_writes(log, topic, kafka_cluster):
    log.set_min_insync(topic, 3)
    assert log.replication([topic])[topic] == Replication(3, 3)
    with kafka_cluster.without(3):
        eventually(lambda: topic in named(log, Ailment.WRITES_REFUSED), "writes are refused")
        assert "Start the missing brokers" in named(log, Ailment.WRITES_REFUSED)
        assert log.check() is not None
    eventually(lambda: log.troubles([topic]) == [], "all is well again")
    log.append([NewRecord(topic, b"k", b"v")])


def test_a_partition_whose_only_broker_died_is_named_as_without_leader(log, lone_topic, kafka_cluster):
    eventually(lambda: log.troubles([lone_topic]) == [], "a whole cluster", 120)
    with kafka_cluster.without(2):
        said = f"1 partition has no leader, {lone_topic}/0; copies are on broker 2 | Start a broker that has them"
        eventually(lambda: said in named(log, Ailment.NO_LEADER), "it is missed", 120)
    eventually(lambda: log.troubles([lone_topic]) == [], "all is well again", 120)


def test_without_most_of_its_controllers_a_cluster_has_none(log, topic, kafka_cluster):
    with kafka_cluster.without(2, 3):
        eventually(lambda: "no controller answers" in named(log, Ailment.NO_CONTROLLER), "it is missed", 120)
        found = log.troubles([topic])
        assert found[0].ailment is Ailment.NO_CONTROLLER, "the worst that is known"
        assert found[0].remedy.startswith("Start the controllers that are down")
        assert found[0].stops_events
    eventually(lambda: log.troubles([topic]) == [], "all is well again", 120)


def test_a_plan_keeps_what_is_there_and_spreads_the_rest(log, topic):
    def copies(factor: int) -> dict[int, list[int]]:
        partitions = json.loads(log.reassignment(topic, factor))["partitions"]
        return {each["partition"]: each["replicas"] for each in partitions}

    three, two = copies(3), copies(2)
    assert {number: sorted(each) for number, each in three.items()} == {
        number: [1, 2, 3] for number in range(3)
    }
    assert {number: each[:2] for number, each in three.items()} == two
    with pytest.raises(LogError, match="4 copies need as many brokers; the cluster has 3"):
        log.reassignment(topic, 4)
