"""Appenders and readers that are killed at any point: what was acknowledged is there once, in order, and is read."""

import random
import signal
import subprocess
from collections import defaultdict

import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from streaming.contracts.records import Record, TopicPartition
from tests.streaming.contract.subject import Subject, has_read, numbered
from tests.waiting import eventually

pytestmark = pytest.mark.fault
PARTITIONS = 2


def acknowledged(process: subprocess.Popen[str], count: int) -> list[int]:
    """The numbers that the process says were acknowledged, until there are `count` of them."""
    assert process.stdout is not None
    numbers = [int(line) for _, line in zip(range(count), process.stdout, strict=False)]
    assert len(numbers) == count, process.stderr.read() if process.stderr else ""
    return numbers


def killed(process: subprocess.Popen[str]) -> list[str]:
    """Kill -9 the process, and return the whole lines that it still had written."""
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    rest = process.stdout.readlines()
    process.communicate(timeout=30)
    return [line for line in rest if line.endswith("\n")]


def by_name(records: list[Record], key: bytes | None = None) -> dict[str, list[int]]:
    """The numbers of each appender in the order of the log; those of its own key, or of a shared one."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in records:
        name, number = (record.value or b"").decode().split()
        if record.key == (key or name.encode()):
            found[name].append(int(number))
    return found


def test_appenders_killed_at_any_point_lose_nothing_that_was_acknowledged(shared: Subject):
    topic, names = shared.topic(PARTITIONS), [f"appender-{number}" for number in range(4)]
    processes = {name: shared.process("append", topic, name, 100_000) for name in names}
    places = {TopicPartition(topic, number): 0 for number in range(PARTITIONS)}
    last: dict[str, int] = {}
    seen: list[Record] = []
    with shared.reading(places) as reader:
        for name, process in processes.items():
            numbers = acknowledged(process, random.randint(20, 120))
            numbers += map(int, killed(process))
            last[name] = max(numbers)
            seen += reader.poll(1000, 0.5)
        ends = {place: bounds.end for place, bounds in shared.log.bounds(list(places)).items()}
        eventually(lambda: has_read(reader, seen, ends), "all is read")
    for key in (None, b"all"):
        for name, numbers in by_name(seen, key).items():
            assert numbers == list(range(len(numbers))), "in order, without a gap, once"
            assert len(numbers) in {last[name] + 1, last[name] + 2}, "one may have been on its way"
    whole = shared.read(places)
    order = [(record.partition, record.offset) for record in whole]
    assert sorted(order) == sorted((record.partition, record.offset) for record in seen)
    assert len(set(order)) == len(order), "no offset is handed out twice"


def test_a_reader_killed_at_any_point_is_continued_where_it_was(shared: Subject):
    topic, count = shared.topic(), 6000
    for first in range(0, count, 1000):
        shared.log.append(numbered(topic, 1000, first=first))
    offsets: list[int] = []
    while len(offsets) < count:
        process = shared.process("read", topic, 0, len(offsets))
        assert process.stdout is not None
        wanted = min(random.randint(500, 3000), count - len(offsets))
        lines = [line for _, line in zip(range(wanted), process.stdout, strict=False)]
        lines += killed(process)
        offsets += [int(line.split()[0]) for line in lines]
    assert offsets == list(range(count))


def test_a_killed_appender_holds_up_nobody(postgres: Subject):
    """Frozen in the middle of its work, then killed: the locks of its session go with it."""
    topic = postgres.topic()
    process = postgres.process("append", topic, "one", 100_000)
    acknowledged(process, 10)
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    postgres.log.append(numbered(topic, 1), timeout=10)


def test_backends_terminated_while_appending(postgres: Subject):
    """Every session of the log dies again and again: appends fail or succeed, and readers go on."""
    topic = postgres.topic()
    process = postgres.process("append", topic, "one", 400)
    acknowledged(process, 20)
    assert postgres.address is not None
    with psycopg.connect(postgres.address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'headwater log%' AND pid <> pg_backend_pid()"
        )
    process.communicate(timeout=60)
    records = by_name(postgres.read_topic(topic))["one"]
    assert records == list(range(len(records)))
    postgres.log.append(numbered(topic, 1, first=1000))


def leader_of(cluster, topic: str) -> int:
    topics = (
        AdminClient({"bootstrap.servers": cluster.bootstrap_servers}).list_topics(topic, timeout=10).topics
    )
    return int(topics[topic].partitions[0].leader)


@pytest.mark.kafka
def test_a_killed_leader_loses_nothing_that_was_acknowledged(kafka: Subject, kafka_cluster):
    topic = kafka.topic(PARTITIONS)
    places = {TopicPartition(topic, number): 0 for number in range(PARTITIONS)}
    process = kafka.process("append", topic, "one", 100_000)
    told = acknowledged(process, 50)
    leader = leader_of(kafka_cluster, topic)
    kafka_cluster.kill(leader)
    try:
        told += acknowledged(process, 50)
        assert leader_of(kafka_cluster, topic) != leader
    finally:
        kafka_cluster.restart(leader)
        told += map(int, killed(process))
    for key in (None, b"all"):
        numbers = by_name(kafka.read(places), key)["one"]
        assert numbers[: len(told)] == list(range(len(told)))
        assert len(numbers) <= len(told) + 1
