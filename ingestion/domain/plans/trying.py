"""What a plan would do to what its source sent last: how many events would break it, and by which rule."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from compliance import suppression
from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.event_names import load_event_topics
from ingestion.domain.masking import Mask
from ingestion.domain.plans.checking import CompiledPlan
from ingestion.domain.plans.document import Plan, split_name
from ingestion.domain.plans.sight import require_sight
from ingestion.domain.suppressions import is_suppressed
from ingestion.enums import QuarantineState
from ingestion.models import CatalogueEvent, CatalogueVolume, Quarantined, Source
from streaming.contracts.events import (
    OTHER_EVENTS_TOPIC,
    UndecodableEvent,
    WireEvent,
    decode_event,
    event_name,
)
from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicPartition

NEWEST = 2000
_FROM_QUARANTINE = 500
_EACH_PLACE = 10  # at least so many of each partition that is read
_MOST_PLACES = NEWEST // _EACH_PLACE


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that events would break. `name` is masked for who may not see behaviour."""

    type: str
    name: str
    reason: str
    action: str
    events: int


@dataclass(slots=True)
class Trial:
    """What became of the `looked_at` newest events: by action, and by rule, the most frequent first.

    Each event counts for one action or more, those in quarantine for that alone. `searched` is how many records of any
    source were looked through for events of this one.
    """

    searched: int = 0
    looked_at: int = 0
    breaking: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)


def try_plan(actor: Actor, source: Source, document: object, *, log: EventLog, only: str = "") -> Trial:
    """Check the newest events of the source by this plan; nothing is changed. Raises PlanError, LogUnavailable, AccessDenied.

    `only` looks at one event of the plan (`type:name`). Rules about values take sight of such values. What the plan of then took out of an event is not there any more.
    """
    require(actor, Operation.SOURCES_VIEW)
    planned = Plan.from_json(document)
    require_sight(actor, source, {name: each for name, each in planned.events.items() if only in ("", name)})
    plan = CompiledPlan(planned, 0)
    trial, rules = Trial(), Counter[tuple[str, str, str, str]]()
    wanted = split_name(only) if only else None
    for event in _newest(source, _values(source, log, wanted, trial), wanted):
        _check(plan, event, trial, rules)
    mask = Mask(actor)
    trial.broken = [
        Broken(kind, mask.name(Category.BEHAVIOUR, name), reason, action, events)
        for (kind, name, reason, action), events in rules.most_common(100)
    ]
    record_read(
        actor, action="plan.try", target=f"plan:{source.pk}", categories=sorted(mask.seen),
        detail={"events": trial.looked_at},
    )  # fmt: skip
    return trial


def _check(
    plan: CompiledPlan, event: WireEvent, trial: Trial, rules: Counter[tuple[str, str, str, str]]
) -> None:
    for noted in ("violations", "quarantined"):
        event.pop(noted, None)  # type: ignore[misc]  # each is optional
    plan.check(event)
    trial.looked_at += 1
    violations = event.get("violations", [])
    trial.breaking += bool(violations)
    trial.actions.update(
        {"quarantine"} if "quarantined" in event else {each["action"] for each in violations}
    )
    name = event_name(event["type"], event["event"])
    rules.update({(event["type"], name, each["reason"], each["action"]) for each in violations})


def _newest(
    source: Source, values: Iterable[bytes | None], wanted: tuple[str, str] | None
) -> list[WireEvent]:
    """The newest of them that are events of the source, and of nobody who is suppressed by now."""
    suppressions = suppression.snapshot()
    found = [
        event
        for event in _decoded(values)
        if event["source_id"] == source.pk and (wanted is None or _is(event, wanted))
    ]
    found = [each for each in found if not (suppressions and is_suppressed(each, suppressions))]
    return sorted(found, key=lambda each: each["received_at"])[-NEWEST:]


def _is(event: WireEvent, wanted: tuple[str, str]) -> bool:
    return (event["type"], event_name(event["type"], event["event"])) == wanted


def _values(
    source: Source, log: EventLog, wanted: tuple[str, str] | None, trial: Trial
) -> Iterator[bytes | None]:
    """What the log has last where events of the source stand, and what waits of it in quarantine."""
    there = log.topics()
    places = [
        TopicPartition(topic, partition)
        for topic in _topics(source, wanted)
        for partition in range(there.get(topic, 0))
    ][:_MOST_PLACES]
    if places:
        records = log.tail(places, NEWEST // len(places))
        trial.searched = len(records)
        yield from (record.value for record in records)
    yield from (row.value.encode() for row in _in_quarantine(source, wanted))


def _topics(source: Source, wanted: tuple[str, str] | None) -> Sequence[str]:
    """Where events of the source stand, and where they stood before their names had topics: those sent last come first."""
    known = load_event_topics()
    if wanted is not None:
        return list(dict.fromkeys((known.topic_of(*wanted), OTHER_EVENTS_TOPIC)))
    sent = CatalogueEvent.objects.filter(pk__in=CatalogueVolume.objects.filter(source=source).values("event"))
    names = sent.order_by("-last_seen_at").values_list("type", "name")[:_MOST_PLACES]
    return list(dict.fromkeys((OTHER_EVENTS_TOPIC, *(known.topic_of(kind, name) for kind, name in names))))


def _in_quarantine(source: Source, wanted: tuple[str, str] | None) -> Iterable[Quarantined]:
    waiting = Quarantined.objects.filter(source=source, state=QuarantineState.OPEN)
    if wanted is not None:
        waiting = waiting.filter(type=wanted[0], name=wanted[1])
    return waiting.order_by("-pk")[:_FROM_QUARANTINE]


def _decoded(values: Iterable[bytes | None]) -> Iterator[WireEvent]:
    for value in values:
        with suppress(UndecodableEvent, KeyError, TypeError):
            yield decode_event(value)
