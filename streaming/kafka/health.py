"""What is wrong with the cluster: which broker, which topics, which right."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, ClusterMetadata, NewTopic

from streaming.contracts.cluster import Ailment, LogTrouble
from streaming.contracts.log import LogDenied, LogError, LogUnavailable
from streaming.kafka.admin import KafkaAdmin
from streaming.kafka.errors import RIGHTS, translated
from streaming.kafka.patience import answer_of
from streaming.kafka.replication import MIN_INSYNC
from streaming.kafka.topics import KafkaTopics

_LOOK_SECONDS = 5.0
_NAMED = 3
_NEEDED = {AclOperation.READ: "Read", AclOperation.WRITE: "Write", AclOperation.DESCRIBE: "Describe"}
_PROBE = "headwater.probe"  # never made: the controller only says whether it would


class _Partition(NamedTuple):
    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


class KafkaHealth:
    """Looks at the cluster. Thread-safe."""

    def __init__(self, admin: KafkaAdmin, topics: KafkaTopics) -> None:
        self._admin, self._topics = admin, topics

    def troubles(self, expected: Collection[str]) -> list[LogTrouble]:
        """See streaming.contracts.cluster."""
        order = list(Ailment)
        try:
            found = list(self._look(expected))
        except LogDenied as error:
            found = [
                LogTrouble(Ailment.NOT_AUTHORISED, str(error), "Correct the settings, then start again.")
            ]
        except LogError as error:
            found = [LogTrouble(Ailment.UNREACHABLE, str(error), _REMEDIES[Ailment.UNREACHABLE])]
        return sorted(found, key=lambda trouble: order.index(trouble.ailment))

    def _look(self, expected: Collection[str]) -> Iterator[LogTrouble]:
        with translated("the cluster cannot be described"):
            metadata = self._admin.metadata()
        partitions = list(_partitions(metadata))
        yield from _missing_brokers(partitions, metadata)
        yield from _without_leader(partitions)
        if without_controller := self._without_controller():
            yield _trouble(Ailment.NO_CONTROLLER, without_controller)
            return  # which answers for settings and rights
        yield from self._refusing(partitions)
        if expected:
            yield from self._lacking_rights(sorted(expected))

    def _refusing(self, partitions: Collection[_Partition]) -> Iterator[LogTrouble]:
        """Partitions that have a leader and too few others for a write."""
        short = [each for each in partitions if each.leader >= 0 and len(each.in_sync) < len(each.replicas)]
        if not short:
            return
        settings = self._topics.configurations(sorted({each.topic for each in short}))
        refusing = [
            each
            for each in short
            if len(each.in_sync) < int(settings.get(each.topic, {}).get(MIN_INSYNC) or 1)
        ]
        if refusing:
            yield _trouble(
                Ailment.WRITES_REFUSED, f"{_named(refusing)} below min.insync.replicas: writes wait"
            )

    def _lacking_rights(self, names: Collection[str]) -> Iterator[LogTrouble]:
        """Topics that we may not read, write or even see."""
        lacking: dict[str, list[str]] = defaultdict(list)
        asked = self._admin.client().describe_topics(
            TopicCollection(list(names)), include_authorized_operations=True, request_timeout=_LOOK_SECONDS
        )
        for name, future in asked.items():
            for right in _rights_lacking(future):
                lacking[right].append(name)
        for right, topics in sorted(lacking.items()):
            remedy = self._admin.grant(right, "--topic", f"'{topics[0]}'")
            yield LogTrouble(
                Ailment.NOT_AUTHORISED,
                f"the right {right} is missing on {_listed(topics)}",
                f"{remedy[0].upper()}{remedy[1:]}",
            )

    def _without_controller(self) -> str:
        """What is said instead by whoever should decide on topics and leaders; nothing where a controller answers."""
        said = self._ask_controller()
        if said:
            self._admin.renew()
            said = self._ask_controller()
        return said

    def _ask_controller(self) -> str:
        """Ask for a change that is not made."""
        probe = NewTopic(_PROBE, 1, replication_factor=-1)
        limits = {"request_timeout": _LOOK_SECONDS, "operation_timeout": _LOOK_SECONDS}
        (future,) = self._admin.client().create_topics([probe], validate_only=True, **limits).values()
        try:
            answer_of(future)
        except (KafkaException, LogUnavailable) as exception:
            error = exception.args[0]
            if not isinstance(error, KafkaError) or error.code() not in RIGHTS | _ANSWERS:
                return f"no controller answers ({_text(error)})"
        return ""


_ANSWERS = {
    KafkaError.TOPIC_ALREADY_EXISTS,
    KafkaError.POLICY_VIOLATION,
    KafkaError.INVALID_REPLICATION_FACTOR,
}
_REMEDIES = {
    Ailment.UNREACHABLE: (
        "Start the brokers, and see that EVENT_LOG names them. The collector keeps events in its spool so long."
    ),
    Ailment.NO_CONTROLLER: "Start the controllers that are down: topics and leaders cannot change without most of them.",
    Ailment.NO_LEADER: "Start a broker that has them; until then they take no events, which wait in spools and outboxes.",
    Ailment.WRITES_REFUSED: "Start the missing brokers; events wait in spools and outboxes until enough copies are in sync.",
    Ailment.BROKER_MISSING: "Start it, or move its partitions to others with kafka-reassign-partitions.",
    Ailment.UNDER_REPLICATED: "Wait until the brokers have caught up; if they do not, see their disks and their network.",
}  # fmt: skip


def _trouble(ailment: Ailment, text: str) -> LogTrouble:
    return LogTrouble(ailment, text, _REMEDIES[ailment])


def _text(error: Any) -> str:
    return error.str() if isinstance(error, KafkaError) else str(error)


def _partitions(metadata: ClusterMetadata) -> Iterator[_Partition]:
    for name, topic in sorted(metadata.topics.items()):
        for number, each in sorted(topic.partitions.items()):
            yield _Partition(name, number, each.leader, tuple(each.replicas), tuple(each.isrs))


def _missing_brokers(partitions: Iterable[_Partition], metadata: ClusterMetadata) -> Iterator[LogTrouble]:
    short: Mapping[int, list[_Partition]] = defaultdict(list)
    for each in partitions:
        for broker in set(each.replicas) - set(each.in_sync):
            short[broker].append(each)
        for broker in set(each.replicas) - metadata.brokers.keys() - (set(each.replicas) - set(each.in_sync)):
            short[broker].append(each)
    for broker, held in sorted(short.items()):
        if broker in metadata.brokers:
            yield _trouble(
                Ailment.UNDER_REPLICATED, f"broker {broker} is behind on {_counted(held)}: {_named(held)}"
            )
        else:
            yield _trouble(
                Ailment.BROKER_MISSING,
                f"broker {broker} is missing: {_have(held)} a copy less, {_named(held)}",
            )


def _without_leader(partitions: Iterable[_Partition]) -> Iterator[LogTrouble]:
    leaderless = [each for each in partitions if each.leader < 0]
    if leaderless:
        brokers = sorted({broker for each in leaderless for broker in each.replicas})
        holders = f"broker{'s' if len(brokers) > 1 else ''} {_listed(map(str, brokers))}"
        yield _trouble(
            Ailment.NO_LEADER, f"{_have(leaderless)} no leader, {_named(leaderless)}; copies are on {holders}"
        )


def _counted(partitions: Collection[_Partition]) -> str:
    return "1 partition" if len(partitions) == 1 else f"{len(partitions)} partitions"


def _have(partitions: Collection[_Partition]) -> str:
    return f"{_counted(partitions)} {'has' if len(partitions) == 1 else 'have'}"


def _named(partitions: Iterable[_Partition]) -> str:
    return _listed(map(str, partitions))


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _rights_lacking(future: Any) -> list[str]:
    """The rights that the answer about a topic says we lack; a topic that does not exist asks for none."""
    try:
        operations = answer_of(future).authorized_operations
    except KafkaException as exception:
        return ["Describe"] if exception.args[0].code() in RIGHTS else []
    if operations is None:  # the cluster checks no rights
        return []
    allowed = set(operations)
    return (
        []
        if AclOperation.ALL in allowed
        else [right for each, right in _NEEDED.items() if each not in allowed]
    )
