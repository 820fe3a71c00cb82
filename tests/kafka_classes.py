"""The archive of the classes of a Kafka node: with it a Java starts one in half the processor time."""

import os
import shutil
import tempfile
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.kafka_cluster import READY_SECONDS, KafkaCluster
from tests.kafka_jars import class_archive, provision_jars


def provision() -> None:
    """Bring the jars, and their archive beside them, unless they are there."""
    archive = class_archive(provision_jars())
    if not archive.exists():
        with tempfile.TemporaryDirectory(prefix="hw-kafka-", ignore_cleanup_errors=True) as directory:
            made = Path(directory) / "classes"
            _run_a_node(Path(directory) / "kafka", f"-XX:ArchiveClassesAtExit={made}")
            if made.exists():  # not every Java makes one
                shutil.move(made, partial := archive.with_suffix(f".{os.getpid()}.partial"))
                partial.rename(archive)


def _run_a_node(directory: Path, *options: str) -> None:
    """Have a node do what the tests have it do, and end."""
    cluster = KafkaCluster(directory, nodes=1, node_options=options)
    try:
        cluster.start()
        _send(cluster.bootstrap_servers)
        cluster.end(1)
    finally:
        cluster.stop()


def _send(servers: str) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic("any", 3, 1)])["any"].result(READY_SECONDS)
    producer = Producer({
        "bootstrap.servers": servers, "enable.idempotence": True,
        "log_level": 2,  # what it tries again is no news
    })  # fmt: skip
    producer.produce("any", b"any")
    producer.flush(READY_SECONDS)
