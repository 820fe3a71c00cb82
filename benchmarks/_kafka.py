"""Three Kafka nodes as the event log of the installations within a block."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kafka_cluster import KafkaCluster


@contextmanager
def three_nodes() -> Iterator[KafkaCluster]:
    """A cluster of its own, which EVENT_LOG names; one installation only, because a log belongs to one."""
    cluster = KafkaCluster(Path(tempfile.mkdtemp(prefix="headwater-bench-kafka-")) / "cluster")
    try:
        cluster.start()
        os.environ["EVENT_LOG"] = cluster.url
        yield cluster
    finally:
        os.environ.pop("EVENT_LOG", None)
        cluster.stop()
        shutil.rmtree(cluster.directory.parent, ignore_errors=True)
