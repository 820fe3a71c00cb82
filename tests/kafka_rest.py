"""Clusters rest while a lane runs files without tests for them: one that idles takes a tenth of a core."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kafka_cluster import KafkaCluster

_FIXTURES = frozenset({"kafka_cluster", "guarded_kafka"})
_running: dict[KafkaCluster, bool] = {}  # whether it rests


@contextmanager
def started(cluster: KafkaCluster) -> Iterator[KafkaCluster]:
    """Start the cluster, and stop it at the end; meanwhile it may rest."""
    try:
        cluster.start()
        _running[cluster] = False
        yield cluster
    finally:
        _running.pop(cluster, None)
        cluster.stop()


def needs_kafka(item: pytest.Item) -> bool:
    """Whether a test is on a cluster that all tests share."""
    is_marked = item.get_closest_marker("kafka") is not None
    return is_marked or bool(_FIXTURES & set(getattr(item, "fixturenames", ())))


def let_rest_or_wake(item: pytest.Item, files: frozenset[Path]) -> None:
    """Have the clusters be up for a test of these files, and rest for one of another."""
    rests = item.path not in files
    for cluster, does in _running.items():
        if does != rests:
            _running[cluster] = rests
            (cluster.rest if rests else cluster.wake)()
