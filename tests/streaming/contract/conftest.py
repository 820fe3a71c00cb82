"""The three back ends that the contract tests run against."""

import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from psycopg import sql

from streaming.contracts.log import EventLog
from streaming.kafka.log import KafkaLog
from streaming.memory.log import MemoryLog
from tests.conftest import Database
from tests.streaming.contract.subject import Subject, open_log

KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)


@pytest.fixture(scope="session")
def log_address(migrated_template: Database) -> Iterator[str]:
    """The address of a PostgreSQL log that the contract tests share."""
    database = Database(f"log_{uuid.uuid4().hex[:12]}")
    name = sql.Identifier(database.name)
    with Database("postgres").connect(autocommit=True) as connection:
        template = sql.Identifier(migrated_template.name)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
    yield database.conninfo
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _subject(backend: str, request: pytest.FixtureRequest) -> Iterator[Subject]:
    log: EventLog
    address = None
    if backend == "memory":
        log = MemoryLog()
    else:
        cluster = request.getfixturevalue("kafka_cluster") if backend == "kafka" else None
        address = cluster.url if cluster else request.getfixturevalue("log_address")
        log = open_log(address)
    try:
        yield Subject(log, address)
    finally:
        log.close()


@pytest.fixture(params=["memory", "postgres", KAFKA])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each back end in turn."""
    yield from _subject(request.param, request)


@pytest.fixture(params=["postgres", KAFKA])
def shared(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each back end that several processes can share."""
    yield from _subject(request.param, request)


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """The PostgreSQL log, for what only it promises."""
    yield from _subject("postgres", request)


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """The Kafka log, for what only it promises."""
    yield from _subject("kafka", request)


@pytest.fixture
def compacts_fast(request: pytest.FixtureRequest, subject: Subject):
    """A function that has Kafka compact a topic within seconds; the other back ends do so when told."""
    if not isinstance(subject.log, KafkaLog):
        return lambda _topic: None
    client = AdminClient({"bootstrap.servers": request.getfixturevalue("kafka_cluster").bootstrap_servers})

    def configure(topic: str) -> None:
        fast = {"segment.ms": "500", "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "1000"}
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in fast.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        for future in client.incremental_alter_configs([resource]).values():
            future.result()

    return configure
