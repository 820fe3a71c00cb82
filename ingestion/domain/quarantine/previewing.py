"""What steps would make of the events of a group: before and after of a few, and how many would pass."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from compliance import suppression
from compliance.access import MASK, Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.gate import bound_to
from compliance.subjects import named_in
from ingestion.domain.derived import without_derived
from ingestion.domain.masking import Mask
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.quarantine.groups import Group
from ingestion.domain.quarantine.mending import Step, mend, read_steps
from ingestion.domain.quarantine.resending import mended
from ingestion.domain.queries.permitted import permitted, without_refused
from ingestion.domain.suppressions import is_suppressed
from ingestion.models import Quarantined
from streaming.contracts.events import WireEvent, decode_event

LOOKED_AT = 1000
SHOWN = 5


class Line(NamedTuple):
    """A property of an event, or its name, before and after; it may be there only before or after."""

    key: str
    before: Any
    after: Any
    was_there: bool
    is_there: bool

    @property
    def is_changed(self) -> bool:
        """Whether the steps do something to it, as far as that can be seen."""
        return (self.was_there, self.before) != (self.is_there, self.after) or type(self.before) is not type(
            self.after
        )

    @property
    def is_same(self) -> bool:
        """Whether the steps leave it as it is; of what is hidden nobody can tell."""
        return not self.is_changed and self.before != MASK

    @property
    def written(self) -> tuple[str, str] | None:
        """Both as JSON where only that tells them apart, as the text "12" and the number 12."""
        if not (self.was_there and self.is_there) or type(self.before) is type(self.after):
            return None
        return orjson.dumps(self.before).decode(), orjson.dumps(self.after).decode()


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of the group, as far as the actor may see it. `reason` is why it would still not pass, if so."""

    row: Quarantined
    lines: list[Line]
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
    found, named = Preview(group.open().count()), set[str]()
    waiting = list(group.open().order_by("-pk")[:LOOKED_AT])
    may = _permitted(actor, waiting)
    for row in waiting:
        event = mended(row, read, rules)
        found.looked_at += 1
        if suppressions and is_suppressed(event, suppressions):
            found.suppressed += 1
            continue
        reason = event.get("quarantined", "")
        found.passing += not reason
        if reason:
            found.reasons[reason] = found.reasons.get(reason, 0) + 1
        if len(found.samples) < SHOWN and row.pk in may:
            before: Any = without_refused(actor, decode_event(row.value.encode()))
            named.update(named_in(before))
            found.samples.append(
                Sample(row, _lines(_shown(mask, before), _after(mask, before, event, read)), reason)
            )
    record_read(
        actor, action="quarantine.preview", target=f"source:{group.source_id}", subjects=named, categories=_categories(mask, found.samples),
        detail={"events": len(found.samples)},
    )  # fmt: skip
    return found


def _permitted(actor: Actor, waiting: Sequence[Quarantined]) -> Collection[int]:
    """Of which events samples may be shown to the actor; numbers are told of all."""
    if not bound_to(actor):
        return {row.pk for row in waiting}
    return permitted(actor, {row.pk: orjson.loads(row.value) for row in waiting})


def _after(mask: Mask, before: Any, after: WireEvent, steps: Sequence[Step]) -> dict[str, Any]:
    """What the steps make of it: a closed value stays closed under whatever name a step gives it.

    The same steps are taken with what is shown of it before. What is hidden is a mark there, for a default would take
    the place of nothing.
    """
    part = _part(before)
    shown = mask.event({part: before[part]}).get(part, {})
    seen: Any = {**before, part: {key: shown.get(key, MASK) for key in before[part]}}
    mend(seen, steps)
    return _shown(mask, after, seen)


def _part(event: Any) -> str:
    return "traits" if event["type"] in ("identify", "group") else "properties"


def _shown(mask: Mask, event: Any, of_seen: Any = None) -> dict[str, Any]:
    """The properties or traits of the event, below its name where it has one."""
    part = _part(event)
    told = {"event": event["event"], part: event[part]}
    shown = mask.event(told) if of_seen is None else without_derived(mask, told, of_seen)
    name = {"(event)": shown["event"]} if shown.get("event") is not None else {}
    return {**name, **shown.get(part, {})}


def _lines(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    return [
        Line(key, before.get(key), after.get(key), key in before, key in after)
        for key in dict.fromkeys([*before, *after])
    ]


def _categories(mask: Mask, samples: Sequence[Sample]) -> list[Category]:
    return sorted(mask.seen) if samples else []
