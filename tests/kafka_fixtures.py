"""The fixture of the real Kafka cluster, for tests marked `kafka`."""

from collections.abc import Iterator

import pytest

from tests.kafka_cluster import KafkaCluster


@pytest.fixture(scope="session")
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three nodes, all up. A test that kills or freezes one puts it right again."""
    cluster = KafkaCluster(tmp_path_factory.mktemp("kafka"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
