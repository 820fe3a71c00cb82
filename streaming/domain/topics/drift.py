"""What differs between a topic as it is declared and as it really is; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from streaming.contracts.cluster import Replication
from streaming.contracts.records import TopicSpec
from streaming.domain.topics.amounts import duration_text, size_text
from streaming.domain.topics.declaration import Declaration


@dataclass(frozen=True, slots=True)
class Drift:
    """One setting that differs, in words. `hindrance` says why applying does not mend it."""

    setting: str
    declared: str
    real: str
    hindrance: str = ""

    def __str__(self) -> str:
        return f"{self.setting} {self.real}, declared {self.declared}"


def drifts(declared: Declaration, real: TopicSpec, replication: Replication | None) -> list[Drift]:
    """All of it. `replication` is None where the log knows no copies."""
    return [*_of_spec(declared.spec, real), *(_of_copies(declared, replication) if replication else ())]


def _of_spec(declared: TopicSpec, real: TopicSpec) -> Iterator[Drift]:
    if declared.partitions != real.partitions:
        hindrance = "" if declared.partitions > real.partitions else "partitions cannot be taken away"
        yield Drift("partitions", str(declared.partitions), str(real.partitions), hindrance)
    for setting, wanted, found in (
        ("retention", duration_text(declared.retention_seconds), duration_text(real.retention_seconds)),
        ("retention-bytes", size_text(declared.retention_bytes), size_text(real.retention_bytes)),
        ("cleanup", declared.cleanup.value, real.cleanup.value),
    ):
        if wanted != found:
            yield Drift(setting, wanted, found)


def _of_copies(declared: Declaration, real: Replication) -> Iterator[Drift]:
    if declared.replication not in (None, real.factor):
        yield Drift(
            "replication", str(declared.replication), str(real.factor),
            "copies move only by kafka-reassign-partitions; `topics apply` prints its plan",
        )  # fmt: skip
    if declared.min_insync not in (None, real.min_insync):
        too_few = declared.min_insync is not None and declared.min_insync > real.factor
        hindrance = f"there are only {real.factor} copies so far" if too_few else ""
        yield Drift("min-insync", str(declared.min_insync), str(real.min_insync), hindrance)
