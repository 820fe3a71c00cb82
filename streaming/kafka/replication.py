"""How safely topics are kept: copies, in-sync copies, and the plan that changes their number."""

import json
from collections.abc import Mapping, Sequence
from itertools import cycle, islice

from confluent_kafka.admin import ClusterMetadata

from streaming.contracts.cluster import Replication
from streaming.contracts.log import LogError, UnknownTopic
from streaming.kafka.admin import KafkaAdmin
from streaming.kafka.errors import translated
from streaming.kafka.topics import KafkaTopics

MIN_INSYNC = "min.insync.replicas"


class KafkaReplication:
    """Asks the cluster. Thread-safe."""

    def __init__(self, admin: KafkaAdmin, topics: KafkaTopics) -> None:
        self._admin, self._topics = admin, topics

    def of(self, names: Sequence[str]) -> Mapping[str, Replication]:
        """See streaming.contracts.cluster."""
        configurations = self._topics.configurations(names)
        metadata = self._metadata()
        return {
            name: Replication(
                min(len(each.replicas) for each in metadata.topics[name].partitions.values()),
                int(configuration[MIN_INSYNC]),
            )
            for name, configuration in configurations.items()
            if name in metadata.topics and metadata.topics[name].partitions
        }

    def _metadata(self) -> ClusterMetadata:
        with translated("the cluster cannot be described"):
            return self._admin.metadata()

    def plan(self, name: str, factor: int) -> str:
        """See streaming.contracts.cluster. Copies that are there stay where they are, and leaders lead on."""
        metadata = self._metadata()
        if name not in metadata.topics:
            raise UnknownTopic(f"there is no topic {name!r}")
        brokers = sorted(metadata.brokers)
        if factor > len(brokers):
            raise LogError(f"{factor} copies need as many brokers; the cluster has {len(brokers)}")
        partitions = [
            {
                "topic": name,
                "partition": number,
                "replicas": _replicas(each.replicas, brokers, factor, number),
            }
            for number, each in sorted(metadata.topics[name].partitions.items())
        ]
        return json.dumps({"version": 1, "partitions": partitions})


def _replicas(present: Sequence[int], brokers: Sequence[int], factor: int, number: int) -> list[int]:
    """Those present, as many as wanted, and others in turn, beginning elsewhere for each partition."""
    kept = list(present[:factor])
    others = [
        broker for broker in islice(cycle(brokers), number, number + len(brokers)) if broker not in kept
    ]
    return kept + others[: factor - len(kept)]
