"""Topics in lines of text and as JSON."""

from typing import Any

from streaming.contracts.cluster import ClusteredLog
from streaming.contracts.log import EventLog
from streaming.domain.topics.amounts import duration_text, size_text
from streaming.domain.topics.changing import Applied
from streaming.domain.topics.states import TopicSettings


def _settings(found: TopicSettings) -> list[tuple[str, str, str]]:
    """Each setting with what is declared and what is so."""
    declared, real, copies = found.declared, found.real, found.replication
    settings = [
        ("partitions", str(declared.spec.partitions), str(real.partitions)),
        ("retention", duration_text(declared.spec.retention_seconds), duration_text(real.retention_seconds)),
        ("retention-bytes", size_text(declared.spec.retention_bytes), size_text(real.retention_bytes)),
        ("cleanup", declared.spec.cleanup.value, real.cleanup.value),
    ]
    if copies:
        settings += [
            ("replication", str(declared.replication or "default"), str(copies.factor)),
            ("min-insync", str(declared.min_insync or "default"), str(copies.min_insync)),
        ]
    return settings


def line(found: TopicSettings) -> str:
    """A topic in one line."""
    differing = {each.setting for each in found.drifts}
    settings = "  ".join(
        f"{'!' if name in differing else ''}{name} {real}"
        for name, _, real in _settings(found)
        if (name, real) != ("retention-bytes", "none")
    )
    return f"{found.name:<32} {settings}"


def lines(found: TopicSettings) -> list[str]:
    """A topic in full."""
    drifts = {each.setting: each for each in found.drifts}
    origin = (
        "declared here" if found.declared.is_own
        else "the default of its kind" if found.declared.default else "nothing declared"
    )  # fmt: skip
    said = [f"{found.name} ({origin})", f"  {'':<16} {'declared':<12} real"]
    for name, declared, real in _settings(found):
        drift = drifts.get(name)
        mark = f"! {drift.hindrance}".rstrip() if drift else ""
        said.append(f"  {name:<16} {declared:<12} {real:<10} {mark}".rstrip())
    return said


def applied_lines(applied: Applied, log: EventLog) -> list[str]:
    """What applying did, and what is left to do."""
    said = [f"{applied.name}: {each.setting} {each.real} -> {each.declared}" for each in applied.applied]
    said += [
        f"{applied.name}: {each} is left: {each.hindrance or 'the log does not say so yet'}"
        for each in applied.left
    ]
    if applied.plan and isinstance(log, ClusteredLog):
        said += [
            "Save this plan as plan.json:",
            applied.plan,
            "and have the cluster carry it out, then verify it:",
            f"kafka-reassign-partitions --bootstrap-server {log.servers} --reassignment-json-file plan.json --execute",
            f"kafka-reassign-partitions --bootstrap-server {log.servers} --reassignment-json-file plan.json --verify",
        ]
    return said or [f"{applied.name} is as declared."]


def document(found: TopicSettings) -> dict[str, Any]:
    """A topic as JSON."""
    declared, real, copies = found.declared, found.real, found.replication
    return {
        "name": found.name,
        "declared": {
            "own": declared.is_own,
            "partitions": declared.spec.partitions,
            "retention_seconds": declared.spec.retention_seconds,
            "retention_bytes": declared.spec.retention_bytes,
            "cleanup": declared.spec.cleanup.value,
            "replication": declared.replication,
            "min_insync": declared.min_insync,
        },
        "real": {
            "partitions": real.partitions,
            "retention_seconds": real.retention_seconds,
            "retention_bytes": real.retention_bytes,
            "cleanup": real.cleanup.value,
            "replication": copies.factor if copies else None,
            "min_insync": copies.min_insync if copies else None,
        },
        "drift": [
            {
                "setting": each.setting,
                "declared": each.declared,
                "real": each.real,
                "hindrance": each.hindrance,
            }
            for each in found.drifts
        ],
    }
