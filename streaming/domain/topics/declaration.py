"""How a topic should be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from streaming.contracts.records import Cleanup, TopicSpec
from streaming.domain.topics.kinds import defaults
from streaming.models import TopicSetting


@dataclass(frozen=True, slots=True)
class Declaration:
    """A topic as it should be. `default` is its kind's, if it is of a known kind.

    `replication` and `min_insync` of None leave the cluster's own default to hold.
    """

    spec: TopicSpec
    replication: int | None = None
    min_insync: int | None = None
    default: TopicSpec | None = None
    is_own: bool = False

    @classmethod
    def of_row(cls, row: TopicSetting, default: TopicSpec | None) -> Self:
        """The one that was stored."""
        spec = TopicSpec(
            row.topic, row.partitions, row.retention_seconds, row.retention_bytes, Cleanup(row.cleanup)
        )
        return cls(spec, row.replication, row.min_insync, default, is_own=True)


def declarations(real: Mapping[str, TopicSpec]) -> Mapping[str, Declaration]:
    """What is declared of these topics; one of no known kind should be as it is."""
    usual = defaults(real)
    rows = {row.topic: row for row in TopicSetting.objects.filter(topic__in=list(real))}
    return {
        name: Declaration.of_row(rows[name], usual.get(name))
        if name in rows
        else Declaration(usual.get(name, spec), default=usual.get(name))
        for name, spec in real.items()
    }


def store(declaration: Declaration, *, now: datetime) -> None:
    """Keep it in the place of what was declared before."""
    spec = declaration.spec
    TopicSetting.objects.update_or_create(
        topic=spec.name,
        defaults={
            "partitions": spec.partitions,
            "retention_seconds": spec.retention_seconds,
            "retention_bytes": spec.retention_bytes,
            "cleanup": spec.cleanup.value,
            "replication": declaration.replication,
            "min_insync": declaration.min_insync,
            "changed_at": now,
        },
    )


def forget(names: Collection[str]) -> None:
    """Have the defaults of their kinds hold again."""
    TopicSetting.objects.filter(topic__in=names).delete()


@dataclass(frozen=True, slots=True)
class Wish:
    """What to change of a declaration. None changes nothing; 0 of a number takes the limit, or the demand, away."""

    partitions: int | None = None
    retention_seconds: int | None = None
    retention_bytes: int | None = None
    cleanup: Cleanup | None = None
    replication: int | None = None
    min_insync: int | None = None

    def on(self, declared: Declaration) -> Declaration:
        """The declaration with the change."""
        spec = declared.spec
        wanted = replace(
            spec,
            partitions=spec.partitions if self.partitions is None else self.partitions,
            retention_seconds=_changed(spec.retention_seconds, self.retention_seconds),
            retention_bytes=_changed(spec.retention_bytes, self.retention_bytes),
            cleanup=self.cleanup or spec.cleanup,
        )
        return replace(
            declared,
            spec=wanted,
            replication=_changed(declared.replication, self.replication),
            min_insync=_changed(declared.min_insync, self.min_insync),
            is_own=True,
        )


def _changed(former: int | None, wish: int | None) -> int | None:
    return former if wish is None else wish or None
