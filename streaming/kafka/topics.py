"""Topics of the cluster: names, identities and settings."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from streaming.contracts.log import LogUnavailable, UnknownTopic
from streaming.contracts.records import TopicSpec
from streaming.kafka.address import Settings
from streaming.kafka.configuration import spec_of, topic_configuration
from streaming.kafka.errors import translated
from streaming.kafka.patience import patiently

REQUEST_SECONDS = 10.0
_SETTLE_SECONDS = 15.0
_SETTLE_INTERVAL_SECONDS = 0.05


class KafkaTopics:
    """Asks and changes the cluster. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: AdminClient | None = None
        self._lock = threading.Lock()
        self._cluster_id: str | None = None
        self._names: frozenset[str] = frozenset()

    @property
    def admin(self) -> AdminClient:
        """The client, with fresh knowledge of who the controller is.

        Without that, a client that saw a broker die can fail for good, waiting for a controller.
        """
        with self._lock:
            if self._client is None:
                self._client = AdminClient(self._settings)
        self._client.list_topics(timeout=REQUEST_SECONDS)
        return self._client

    def names(self) -> Mapping[str, int]:
        """The topics with their numbers of partitions, without Kafka's own."""
        with translated("the topics cannot be listed"):
            metadata = self.admin.list_topics(timeout=REQUEST_SECONDS)
        found = {
            name: len(topic.partitions)
            for name, topic in metadata.topics.items()
            if not name.startswith("__") and topic.error is None
        }
        self._names = frozenset(found)
        return found

    def require(self, name: str) -> None:
        """Raise UnknownTopic unless the topic exists, as far as this process knows or can find out."""
        if name not in self._names and name not in self.names():
            raise UnknownTopic(f"there is no topic {name!r}")

    def forget(self) -> None:
        """Look anew before the next topic is taken to exist."""
        self._names = frozenset()

    def identity(self, name: str) -> str:
        """The cluster's id and the topic's id, which a recreated topic does not keep."""
        return patiently(lambda: self._identity(name))

    def _identity(self, name: str) -> str:
        with translated(f"the topic {name!r} cannot be described"):
            admin = self.admin
            if self._cluster_id is None:
                self._cluster_id = admin.describe_cluster(request_timeout=REQUEST_SECONDS).result().cluster_id
            (future,) = admin.describe_topics(
                TopicCollection([name]), request_timeout=REQUEST_SECONDS
            ).values()
            return f"{self._cluster_id}/{future.result().topic_id}"

    def create(self, specs: Sequence[TopicSpec]) -> None:
        """Create those that do not exist, and wait until the brokers know them."""
        existing = self.names()
        missing = [spec for spec in specs if spec.name not in existing]
        if not missing:
            return
        topics = [
            NewTopic(
                spec.name, spec.partitions, replication_factor=-1, config=dict(topic_configuration(spec))
            )
            for spec in missing
        ]
        with translated("topics cannot be created"):
            admin = self.admin
            for future in admin.create_topics(topics, operation_timeout=REQUEST_SECONDS).values():
                _result_unless(future, KafkaError.TOPIC_ALREADY_EXISTS)
        wanted = {spec.name for spec in missing}
        self._settle(lambda: wanted <= self.names().keys(), f"the new topics {sorted(wanted)}")

    def describe(self, names: Sequence[str]) -> Mapping[str, TopicSpec]:
        """The settings of those that exist."""
        return patiently(lambda: self._describe(names))

    def _describe(self, names: Sequence[str]) -> Mapping[str, TopicSpec]:
        existing = self.names()
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names if name in existing]
        if not resources:
            return {}
        with translated("topics cannot be described"):
            admin = self.admin
            futures = admin.describe_configs(resources, request_timeout=REQUEST_SECONDS)
            entries = {resource.name: future.result() for resource, future in futures.items()}
        return {
            name: spec_of(name, existing[name], {key: entry.value for key, entry in found.items()})
            for name, found in entries.items()
        }

    def alter(self, spec: TopicSpec) -> None:
        """Set what the spec says; the number of partitions only ever grows. Waits until it is so."""
        partitions = patiently(lambda: self._partitions(spec.name))
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in topic_configuration(spec).items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, spec.name, incremental_configs=entries)
        with translated(f"the topic {spec.name!r} cannot be altered"):
            admin = self.admin
            for future in admin.incremental_alter_configs(
                [resource], request_timeout=REQUEST_SECONDS
            ).values():
                future.result()
            if spec.partitions > partitions:
                grown = [NewPartitions(spec.name, spec.partitions)]
                for future in admin.create_partitions(grown, operation_timeout=REQUEST_SECONDS).values():
                    future.result()
        wanted = TopicSpec(
            spec.name,
            max(spec.partitions, partitions),
            spec.retention_seconds,
            spec.retention_bytes,
            spec.cleanup,
        )
        self._settle(
            lambda: self.describe([spec.name]).get(spec.name) == wanted, f"the new settings of {spec.name!r}"
        )

    def _partitions(self, name: str) -> int:
        existing = self.names()
        if name not in existing:
            raise UnknownTopic(f"there is no topic {name!r}")
        return existing[name]

    def delete(self, name: str) -> None:
        """Delete a topic, and wait until the brokers have forgotten it."""
        with translated(f"the topic {name!r} cannot be deleted"):
            admin = self.admin
            for future in admin.delete_topics([name], operation_timeout=REQUEST_SECONDS).values():
                future.result()
        self._settle(lambda: name not in self.names(), f"the end of {name!r}")

    @staticmethod
    def _settle(is_so: Callable[[], bool], what: str) -> None:
        """Wait until the brokers have told each other."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise LogUnavailable(f"the brokers did not agree on {what} within {_SETTLE_SECONDS} s")
            time.sleep(_SETTLE_INTERVAL_SECONDS)


def _result_unless(future: Any, code: int) -> None:
    try:
        future.result()
    except KafkaException as exception:
        if exception.args[0].code() != code:
            raise
