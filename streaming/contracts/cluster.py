"""What a log of several brokers tells and takes beyond the interface of every log."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from streaming.contracts.log import EventLog


class Replication(NamedTuple):
    """How safely a topic is kept: `factor` copies of its least copied partition, and how many must acknowledge."""

    factor: int
    min_insync: int


class Ailment(StrEnum):
    """What can be wrong with a cluster, the worst first."""

    UNREACHABLE = "unreachable"
    FOREIGN = "another installation's"
    NOT_AUTHORISED = "not authorised"
    NO_CONTROLLER = "no controller"
    NO_LEADER = "no leader"
    WRITES_REFUSED = "writes refused"
    BROKER_MISSING = "broker missing"
    UNDER_REPLICATED = "under-replicated"


class LogTrouble(NamedTuple):
    """One thing that is wrong, where it is, and what to do about it."""

    ailment: Ailment
    text: str
    remedy: str

    @property
    def stops_events(self) -> bool:
        """Whether events wait outside the log, or consumers stand still, because of it."""
        return self.ailment not in (Ailment.BROKER_MISSING, Ailment.UNDER_REPLICATED)


@runtime_checkable
class ClusteredLog(EventLog, Protocol):
    """A log that is kept by several brokers."""

    @property
    def servers(self) -> str:
        """The addresses that lead to the cluster, as its own tools take them."""

    def replication(self, topics: Sequence[str]) -> Mapping[str, Replication]:
        """How safely the topics that exist are kept. Raises LogUnavailable."""

    def set_min_insync(self, topic: str, count: int) -> None:
        """Have at least `count` replicas acknowledge each write. Waits until it is so."""

    def reassignment(self, topic: str, factor: int) -> str:
        """A plan, in the words of the cluster's own tool, that gives each partition `factor` replicas.

        Raises LogError when there are fewer brokers.
        """

    def troubles(self, expected: Collection[str]) -> list[LogTrouble]:
        """What is wrong, the worst first. `expected` are topics that should be usable. Never raises LogError."""
