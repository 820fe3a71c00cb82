"""Putting together what every part knows of a message. Port: parts of other apps register what they know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.gate import bound_to
from compliance.sources import sees_source
from ingestion.domain.traces.arriving import known_here
from ingestion.domain.traces.logged import in_the_log, put_aside
from ingestion.domain.traces.quarantined import quarantined
from ingestion.domain.traces.steps import Finding, Message, Outcome, Step
from ingestion.models import Source
from streaming.contracts.log import EventLog

MAX_MESSAGE_ID = 200  # characters
Recorded = frozenset[UUID] | None
"""Of whom an earlier look at the same trace was recorded as read by this actor; None: it is the first look."""
Tracer = Callable[[Actor, str, Recorded], list[Finding]]
"""What a part knows of a message id. It masks what the actor may not see, and records reads of people itself."""

_tracers: dict[str, Tracer] = {}


class UnknownMessage(LookupError):
    """Nothing is known of this message id."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is known of this message id: it never arrived, or it arrived longer ago than anything of it is kept."
        )


def register_tracer(name: str, tracer: Tracer) -> None:
    """Have `tracer` be asked for what it knows of messages; a second one of the same name takes its place."""
    _tracers[name] = tracer


@dataclass(slots=True)
class Trace:
    """The way of one message, its steps in the order of the way and of time."""

    message: Message
    source: str
    outcome: Outcome
    steps: list[Step]
    person: UUID | None = None
    event: dict[str, Any] | None = None
    masked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def trace(actor: Actor, message_id: str, *, log: EventLog, recorded: Recorded = None) -> list[Trace]:
    """The ways of the messages with this id: one for each source that sent it, and time that it was given.

    A page that looks again says what was `recorded` before: then only people who came to it since are.
    Who is bound to purposes finds messages of people who may be used for one of them, and no others.
    Blocks for a few seconds when the log has to be searched. Raises UnknownMessage, AccessDenied.
    """
    require(actor, Operation.EVENTS_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.EVENTS_VIEW)
    found = _findings(actor, _as_kept(message_id), recorded)
    if not found:
        found = in_the_log(message_id, log=log, known=[]).findings
    found = [each for each in found if sees_source(actor, each.message.source_id)]
    if bound_to(actor):
        found = _of_usable(found)
    if recorded is None:
        record_read(
            actor, action="events.trace", detail={"messages": len({each.message for each in found})},
            categories={Category.BEHAVIOUR} if found else (),
        )  # fmt: skip
    if not found:
        raise UnknownMessage
    return _traces(message_id, found, log)


def _of_usable(found: list[Finding]) -> list[Finding]:
    """Those of messages of which somebody is found: the tracer that knows people names none who may not be used."""
    messages = {each.message for each in found if each.person}
    return [each for each in found if each.message in messages]


def _as_kept(message_id: str) -> str:
    """The id as our tables have it, which hold no NUL."""
    return message_id.strip()[:MAX_MESSAGE_ID].replace("\0", "\ufffd")


def _findings(actor: Actor, message_id: str, recorded: Recorded) -> list[Finding]:
    found = known_here(actor, message_id) + quarantined(actor, message_id)
    for _, tracer in sorted(_tracers.items()):
        found += tracer(actor, message_id, recorded)
    return found + put_aside(message_id)


def _traces(message_id: str, found: list[Finding], log: EventLog) -> list[Trace]:
    searched = in_the_log(message_id, log=log, known=found)
    together: dict[Message, list[Finding]] = {}
    for finding in [*found, *searched.findings]:
        together.setdefault(finding.message, []).append(finding)
    names = dict(
        Source.objects.filter(pk__in={each.source_id for each in together}).values_list("pk", "name")
    )
    return [
        _merged(message, names.get(message.source_id, f"source {message.source_id}"), parts, searched.notes)
        for message, parts in sorted(together.items(), key=_by_arrival)
    ]


def _by_arrival(item: tuple[Message, list[Finding]]) -> tuple[str, int, bool]:
    message, parts = item
    first = min((each.received_at.isoformat() for each in parts if each.received_at), default="")
    return (first, message.source_id, message.is_refused)


def _merged(message: Message, source: str, parts: list[Finding], notes: Iterable[str]) -> Trace:
    outcome = min((each.outcome for each in parts), key=lambda each: each.strength)
    steps = sorted(
        {(step.stage, step.sentence): step for each in parts for step in each.steps}.values(), key=_in_order
    )
    person = next((each.person for each in parts if each.person), None)
    whole = next((each for each in parts if each.event is not None), None)
    merged = Trace(message, source, outcome, steps, person)
    if whole is not None:
        merged.event, merged.masked = whole.event, whole.masked
    never_logged = message.is_refused or outcome is Outcome.QUARANTINED
    merged.notes = [] if never_logged else list(notes)
    return merged


def _in_order(step: Step) -> tuple[int, str]:
    at: datetime | None = step.at
    return (step.stage.place, at.isoformat() if at else "")
