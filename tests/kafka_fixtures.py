"""The fixtures of real Kafka clusters, for tests marked `kafka`."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.kafka_cluster import KafkaCluster
from tests.kafka_guard import TlsGuard
from tests.kafka_rest import started


@pytest.fixture(scope="session")
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three nodes, all up. A test that kills or freezes one puts it right again."""
    with started(KafkaCluster(tmp_path_factory.mktemp("kafka"))) as cluster:
        yield cluster


class GuardedKafka(NamedTuple):
    """A cluster with a listener for known users only, and how to come in."""

    cluster: KafkaCluster
    guard: TlsGuard


@pytest.fixture(scope="session")
def guarded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedKafka]:
    """One node, which lets in by TLS and login."""
    directory = tmp_path_factory.mktemp("guarded")
    guard = TlsGuard(directory)
    with started(KafkaCluster(directory / "kafka", nodes=1, heap="160m", guard=guard)) as cluster:
        yield GuardedKafka(cluster, guard)
