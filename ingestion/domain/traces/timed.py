"""The way of one arriving event with how long each step took, for the page where an integrator watches it happen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from compliance.access import Actor
from ingestion.domain.queries.permitted import require_permitted
from ingestion.domain.queries.watching import document_of
from ingestion.domain.traces.arriving import message_of
from ingestion.domain.traces.steps import Outcome, Stage, Step
from ingestion.domain.traces.tracing import Recorded, Trace, UnknownMessage, trace
from ingestion.models import LiveEvent
from streaming.contracts.log import EventLog

# Their times, where they have any, are those of what they speak of.
_WITHOUT_CLOCK = frozenset({Stage.APPLIED, Stage.LINKED, Stage.CHANGED})


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step, and the time from receiving to it; None when nobody wrote down when. `is_bound`: it was done by then."""

    step: Step
    elapsed: timedelta | None
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """What became of an event so far, and whose it is. `is_over` says that nothing more is to come."""

    outcome: Outcome
    steps: list[TimedStep]
    notes: list[str]
    received: datetime | None = None
    person: UUID | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has been applied and published, or never will be."""
        published = any(each.step.stage is Stage.PUBLISHED for each in self.steps)
        return published if self.outcome is Outcome.APPLIED else self.outcome is not Outcome.WAITING


def way_of(actor: Actor, event_id: int, *, log: EventLog, recorded: Recorded = None) -> Way | None:
    """The way of an event of the live page; None when it has none, because it was not taken or says no message id.

    `recorded` is as in `trace`. Blocks for a few seconds when the log has to be searched. Raises LiveEvent.DoesNotExist, AccessDenied.
    """
    event = LiveEvent.objects.get(pk=event_id)
    document = document_of(event)
    require_permitted(actor, document)
    if not document or not event.message_id:
        return None
    try:
        found = trace(actor, event.message_id, log=log, recorded=recorded)
    except UnknownMessage:
        return None
    return next((timed(each) for each in found if each.message == message_of(document)), None)


def timed(found: Trace) -> Way:
    """The steps with the time from receiving to each."""
    received = next((each.at for each in found.steps if each.stage is Stage.RECEIVED), None)
    published = next((each.at for each in found.steps if each.stage is Stage.PUBLISHED), None)

    def of(step: Step) -> TimedStep:
        at = published if step.stage in _WITHOUT_CLOCK else step.at
        is_bound = step.stage in _WITHOUT_CLOCK and at is not None
        return TimedStep(step, at - received if at and received else None, is_bound)

    return Way(found.outcome, [of(each) for each in found.steps], found.notes, received, found.person)
