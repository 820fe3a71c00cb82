"""Declaring what a topic should be like, and putting that on the log; both by those who may, with an audit row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from streaming.contracts.cluster import ClusteredLog
from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicSpec
from streaming.domain.oversight import record_decision, require_decider
from streaming.domain.topics import declaration
from streaming.domain.topics.declaration import Declaration, Wish
from streaming.domain.topics.drift import Drift
from streaming.domain.topics.ownership import adopt, strangers_of
from streaming.domain.topics.rules import check, consequences
from streaming.domain.topics.states import TopicSettings, topic_settings


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared, and what that will mean once it is applied."""

    settings: TopicSettings
    consequences: list[str]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was put on the log, what could not be, and the plan that moves copies if some should move."""

    name: str
    applied: list[Drift]
    left: list[Drift] = field(default_factory=list)
    plan: str = ""


def declare(log: EventLog, name: str, wish: Wish, *, actor: Any, now: datetime) -> Declared:
    """Keep what the topic should be like; nothing changes on the log before it is applied.

    Raises TopicRefused when the wish breaks a rule, UnknownTopic, LogUnavailable, and what the overseer raises.
    """
    require_decider(actor)
    (found,) = topic_settings(log, [name])
    wanted = wish.on(found.declared)
    check(log, wish, wanted, found)
    with transaction.atomic():
        declaration.store(wanted, now=now)
        record_decision(
            actor, action="topic.declare", target=f"topic:{name}",
            detail={"former": _detail(found.declared), "declared": _detail(wanted)},
        )  # fmt: skip
    (changed,) = topic_settings(log, [name])
    return Declared(changed, consequences(wanted, found))


def return_to_default(log: EventLog, name: str, *, actor: Any) -> TopicSettings:
    """Have the default of the topic's kind hold again. Raises as `declare` does."""
    require_decider(actor)
    (found,) = topic_settings(log, [name])
    with transaction.atomic():
        declaration.forget([name])
        record_decision(
            actor, action="topic.declare", target=f"topic:{name}",
            detail={"former": _detail(found.declared), "declared": "default"},
        )  # fmt: skip
    (changed,) = topic_settings(log, [name])
    return changed


def apply(log: EventLog, name: str, *, actor: Any) -> Applied:
    """Put what is declared on the log, as far as the log can. Idempotent. Raises LogError and what `declare` raises."""
    require_decider(actor)
    (found,) = topic_settings(log, [name])
    todo = [each for each in found.drifts if not each.hindrance]
    if todo:
        # Before the change, because the log knows no transaction: nothing is changed of which there is no word.
        record_decision(
            actor,
            action="topic.apply",
            target=f"topic:{name}",
            detail={"changes": [str(each) for each in todo]},
        )
        _put(log, found, {each.setting for each in todo})
    left = topic_settings(log, [name])[0].drifts
    return Applied(name, todo, left, _plan(log, found.declared, left))


def _put(log: EventLog, found: TopicSettings, settings: set[str]) -> None:
    if settings - {"min-insync"}:
        log.alter(_reachable(found.declared.spec, found.real))
    if "min-insync" in settings and isinstance(log, ClusteredLog) and found.declared.min_insync:
        log.set_min_insync(found.name, found.declared.min_insync)


def _reachable(declared: TopicSpec, real: TopicSpec) -> TopicSpec:
    return TopicSpec(
        declared.name,
        max(declared.partitions, real.partitions),
        declared.retention_seconds,
        declared.retention_bytes,
        declared.cleanup,
    )


def _plan(log: EventLog, declared: Declaration, left: list[Drift]) -> str:
    wanted = declared.replication
    if (
        not isinstance(log, ClusteredLog)
        or wanted is None
        or "replication" not in {each.setting for each in left}
    ):
        return ""
    return log.reassignment(declared.spec.name, wanted)


def _detail(declared: Declaration) -> Mapping[str, Any]:
    spec = declared.spec
    return {
        "partitions": spec.partitions, "retention_seconds": spec.retention_seconds,
        "retention_bytes": spec.retention_bytes, "cleanup": spec.cleanup.value,
        "replication": declared.replication, "min_insync": declared.min_insync,
    }  # fmt: skip


def adopt_log(log: EventLog, *, actor: Any) -> list[str]:
    """Take the log over from other installations, whose ids are returned. Raises LogError, and what the overseer raises."""
    require_decider(actor)
    former = strangers_of(log)
    if former:
        record_decision(actor, action="log.adopt", target="event log", detail={"from": former})
    adopt(log)
    return former
