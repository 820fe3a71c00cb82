"""What steps would make of the events of a group: before and after of a few, and how many would pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance import suppression
from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.masking import Mask
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.quarantine.groups import Group
from ingestion.domain.quarantine.mending import read_steps
from ingestion.domain.quarantine.resending import mended
from ingestion.domain.suppressions import is_suppressed
from ingestion.models import Quarantined
from streaming.contracts.events import decode_event

LOOKED_AT = 1000
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of the group, as far as the actor may see it. `reason` is why it would still not pass, if so."""

    row: Quarantined
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


@dataclass(slots=True)
class Preview:
    """What the steps would do, of the newest `looked_at` of all `waiting` events."""

    waiting: int
    looked_at: int = 0
    passing: int = 0
    suppressed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)


def preview(actor: Actor, group: Group, steps: object) -> Preview:
    """Try the steps. Nothing is changed. Raises MendingError, AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    read = read_steps(steps)
    rules, suppressions, mask = load_rules().get(group.source_id), suppression.snapshot(), Mask(actor)
    found = Preview(group.open().count())
    for row in group.open().order_by("-pk")[:LOOKED_AT]:
        event = mended(row, read, rules)
        found.looked_at += 1
        if suppressions and is_suppressed(event, suppressions):
            found.suppressed += 1
            continue
        reason = event.get("quarantined", "")
        found.passing += not reason
        if reason:
            found.reasons[reason] = found.reasons.get(reason, 0) + 1
        if len(found.samples) < SHOWN:
            before = decode_event(row.value.encode())
            found.samples.append(Sample(row, _shown(mask, before), _shown(mask, event), reason))
    record_read(
        actor, action="quarantine.preview", target=f"source:{group.source_id}", categories=_categories(mask, found.samples),
        detail={"events": len(found.samples)},
    )  # fmt: skip
    return found


def _shown(mask: Mask, event: Any) -> dict[str, Any]:
    """The event's name, and its properties or traits."""
    part = "traits" if event["type"] in ("identify", "group") else "properties"
    return mask.event({"event": event["event"], part: event[part]})


def _categories(mask: Mask, samples: Sequence[Sample]) -> list[Category]:
    return sorted(mask.seen) if samples else []
