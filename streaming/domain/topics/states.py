"""The topics with what is declared of them and what they really are."""

from collections.abc import Collection
from dataclasses import dataclass, field

from streaming.contracts.cluster import ClusteredLog, Replication
from streaming.contracts.log import EventLog, UnknownTopic
from streaming.contracts.records import TopicSpec
from streaming.domain.topics.declaration import Declaration, declarations
from streaming.domain.topics.drift import Drift, drifts
from streaming.domain.topics.ownership import is_mark


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """One topic. `replication` is None where the log knows no copies."""

    name: str
    declared: Declaration
    real: TopicSpec
    replication: Replication | None = None
    drifts: list[Drift] = field(default_factory=list)

    @property
    def can_apply(self) -> bool:
        """Whether applying mends something."""
        return any(not each.hindrance for each in self.drifts)


def topic_settings(log: EventLog, names: Collection[str] | None = None) -> list[TopicSettings]:
    """These topics, or all, by name. Raises LogError while the log is away, and UnknownTopic naming the one."""
    existing = [name for name in log.topics() if not is_mark(name)]
    if missing := sorted(set(names or ()) - set(existing)):
        raise UnknownTopic(
            f"there is no topic {missing[0]!r}; `manage.py topics list` names those that exist"
        )
    wanted = sorted(existing if names is None else set(names))
    real = log.describe(wanted)
    copies = log.replication(wanted) if isinstance(log, ClusteredLog) else {}
    declared = declarations(real)
    return [
        TopicSettings(
            name, declared[name], real[name], copies.get(name),
            drifts(declared[name], real[name], copies.get(name)),
        )
        for name in wanted
        if name in real
    ]  # fmt: skip
