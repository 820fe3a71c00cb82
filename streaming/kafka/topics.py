"""Topics of the cluster: names, identities and settings."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import TopicSpec
from streaming.kafka.admin import KafkaAdmin
from streaming.kafka.configuration import spec_of, topic_configuration
from streaming.kafka.errors import LogSettling, translated
from streaming.kafka.own_changes import OwnChanges
from streaming.kafka.patience import REQUEST_SECONDS, SETTLE_SECONDS, answer_of, patiently, until

_INTERVAL_SECONDS = 0.05


class KafkaTopics:
    """Asks and changes the cluster. Thread-safe."""

    def __init__(self, admin: KafkaAdmin) -> None:
        self._admin = admin
        self._cluster_id: str | None = None
        self._names: frozenset[str] = frozenset()
        self._changes = OwnChanges()

    def names(self) -> Mapping[str, int]:
        """The topics with their numbers of partitions, without Kafka's own."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not self._changes.are_known_to(found := self._listed()):
            if time.monotonic() > deadline:
                self._changes.forget()
            time.sleep(_INTERVAL_SECONDS)
        self._names = frozenset(found)
        return found

    def _listed(self) -> dict[str, int]:
        with translated("the topics cannot be listed"):
            metadata = self._admin.metadata()
        return {
            name: len(topic.partitions)
            for name, topic in metadata.topics.items()
            if not name.startswith("__") and topic.error is None
        }

    def require(self, name: str) -> None:
        """Raise UnknownTopic unless the topic exists, as far as this process knows or can find out."""
        if name not in self._names:
            patiently(lambda: self._partitions(name))

    def forget(self) -> None:
        """Look anew before the next topic is taken to exist."""
        self._names = frozenset()

    def identity(self, name: str) -> str:
        """The cluster's id and the topic's id, which a recreated topic does not keep."""
        return patiently(lambda: self._identity(name))

    def _identity(self, name: str) -> str:
        with translated(f"the topic {name!r} cannot be described", self._right("Describe", name)):
            admin = self._admin.client()
            if self._cluster_id is None:
                described = admin.describe_cluster(request_timeout=REQUEST_SECONDS)
                self._cluster_id = answer_of(described).cluster_id
            (future,) = admin.describe_topics(
                TopicCollection([name]), request_timeout=REQUEST_SECONDS
            ).values()
            return f"{self._cluster_id}/{answer_of(future).topic_id}"

    def _right(self, operation: str, name: str) -> str:
        return self._admin.grant(operation, "--topic", f"'{name}'")

    def create(self, specs: Sequence[TopicSpec]) -> None:
        """Create those that do not exist, and wait until the brokers know them and each partition has a leader."""
        existing = self.names()
        missing = {spec.name: spec for spec in specs if spec.name not in existing}
        if not missing:
            return
        patiently(lambda: self._create(list(missing.values())))
        until(lambda: self._are_led(missing), f"the new topics {sorted(missing)}")

    def _create(self, specs: Sequence[TopicSpec]) -> None:
        topics = [
            NewTopic(
                spec.name, spec.partitions, replication_factor=-1, config=dict(topic_configuration(spec))
            )
            for spec in specs
        ]
        futures = self._admin.client().create_topics(topics, operation_timeout=REQUEST_SECONDS)
        for name, future in futures.items():
            with translated(f"the topic {name!r} cannot be created", self._right("Create", name)):
                _answer_unless(future, KafkaError.TOPIC_ALREADY_EXISTS)
            self._changes.made(name, 1)

    def _are_led(self, names: Mapping[str, TopicSpec]) -> bool:
        """Whether the broker that answers knows these topics, and a leader of each of their partitions."""
        with translated("the topics cannot be listed"):
            topics = self._admin.metadata().topics
        return all(
            name in topics
            and topics[name].partitions
            and all(partition.leader >= 0 for partition in topics[name].partitions.values())
            for name in names
        )

    def configurations(self, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """All settings, in Kafka's words, of those that exist."""
        return patiently(lambda: self._configurations(names))

    def _configurations(self, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        existing = self.names()
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names if name in existing]
        found: dict[str, Mapping[str, str]] = {}
        if not resources:
            return found
        futures = self._admin.client().describe_configs(resources, request_timeout=REQUEST_SECONDS)
        for resource, future in futures.items():
            with translated(
                f"the topic {resource.name!r} cannot be described",
                self._right("DescribeConfigs", resource.name),
            ):
                found[resource.name] = {key: entry.value for key, entry in answer_of(future).items()}
        return found

    def describe(self, names: Sequence[str]) -> Mapping[str, TopicSpec]:
        """The settings of those that exist."""
        found = self.configurations(names)
        partitions = self.names() if found else {}
        return {
            name: spec_of(name, partitions[name], configuration)
            for name, configuration in found.items()
            if name in partitions
        }

    def alter(self, spec: TopicSpec) -> None:
        """Set what the spec says; the number of partitions only ever grows. Waits until it is so."""
        partitions = patiently(lambda: self._partitions(spec.name))
        self.configure(spec.name, topic_configuration(spec))
        if spec.partitions > partitions:
            patiently(lambda: self._grow(spec))
        most = max(spec.partitions, partitions)
        wanted = TopicSpec(spec.name, most, spec.retention_seconds, spec.retention_bytes, spec.cleanup)
        until(
            lambda: self.describe([spec.name]).get(spec.name) == wanted and self._are_led({spec.name: spec}),
            f"the new settings of {spec.name!r}",
        )

    def configure(self, name: str, configuration: Mapping[str, str]) -> None:
        """Set these settings, in Kafka's words, and wait until a broker says so."""
        patiently(lambda: self._configure(name, configuration))
        until(
            lambda: configuration.items() <= self.configurations([name]).get(name, {}).items(),
            f"the new settings of {name!r}",
        )

    def _configure(self, name: str, configuration: Mapping[str, str]) -> None:
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in configuration.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
        with translated(f"the topic {name!r} cannot be altered", self._right("AlterConfigs", name)):
            futures = self._admin.client().incremental_alter_configs(
                [resource], request_timeout=REQUEST_SECONDS
            )
            for future in futures.values():
                answer_of(future)

    def _grow(self, spec: TopicSpec) -> None:
        if self._partitions(spec.name) >= spec.partitions:  # an attempt before this one may have done it
            return
        grown = [NewPartitions(spec.name, spec.partitions)]
        with translated(f"the topic {spec.name!r} cannot grow", self._right("Alter", spec.name)):
            futures = self._admin.client().create_partitions(grown, operation_timeout=REQUEST_SECONDS)
            for future in futures.values():
                answer_of(future)
        self._changes.made(spec.name, spec.partitions)

    def _partitions(self, name: str) -> int:
        existing = self.names()
        if name not in existing:
            raise UnknownTopic(f"there is no topic {name!r}")
        return existing[name]

    def delete(self, name: str) -> None:
        """Delete a topic, and wait until the brokers have forgotten it."""
        tried: list[bool] = []

        def delete() -> None:
            try:
                self._delete(name)
            except LogSettling:
                tried.append(True)
                raise
            except UnknownTopic:
                if not tried:  # otherwise an attempt before this one did it
                    raise

        patiently(delete, unknown_seconds=0)
        self._changes.deleted(name)
        until(lambda: name not in self.names(), f"the end of {name!r}")

    def _delete(self, name: str) -> None:
        with translated(f"the topic {name!r} cannot be deleted", self._right("Delete", name)):
            futures = self._admin.client().delete_topics([name], operation_timeout=REQUEST_SECONDS)
            for future in futures.values():
                answer_of(future)


def _answer_unless(future: Any, code: int) -> None:
    try:
        answer_of(future)
    except KafkaException as exception:
        if exception.args[0].code() != code:
            raise
