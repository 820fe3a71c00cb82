"""What profiles knows of single messages, in the words of ingestion's traces."""

from typing import Any

from compliance.access import MASK, Actor
from ingestion.domain.traces import Finding, Lead, Message, Outcome, Recorded, Stage, Step
from profiles.domain.queries.traces import (
    AppliedMessage,
    NotedMessage,
    TraitSaid,
    applied_messages,
    suppressed_messages,
)
from streaming.contracts.events import event_name


def trace_in_profiles(actor: Actor, message_id: str, recorded: Recorded) -> list[Finding]:
    """What became of the messages with this id, and which were suppressed."""
    applied = [_applied(each) for each in applied_messages(actor, message_id, recorded)]
    return applied + [_suppressed(each) for each in suppressed_messages(message_id)]


def _suppressed(noted: NotedMessage) -> Finding:
    words = "It was suppressed: it names somebody of whom nothing may be stored. Nothing of it was kept."
    step = Step(Stage.APPLIED, noted.noted_at, words)
    return Finding(Message(noted.source_id, noted.client_time), Outcome.SUPPRESSED, [step])


def _applied(found: AppliedMessage) -> Finding:
    item = found.item
    steps = [_arrived(found), _went_to(found)]
    steps += [Step(Stage.LINKED, None, link.reason, {"state": link.state.value}) for link in found.links]
    steps += [_trait(each) for each in found.traits]
    steps += _sums(found)
    title = event_name(item.type, item.event)
    return Finding(
        Message(item.source_id, found.client_time), Outcome.APPLIED, steps, received_at=item.received_at,
        names=(item.type, title), import_id=item.import_id, person=found.person, event=_content(found),
        masked=item.masked,
    )  # fmt: skip


def _arrived(found: AppliedMessage) -> Step:
    item = found.item
    details: dict[str, Any] = {"source_id": item.source_id}
    if not item.import_id:
        return Step(Stage.RECEIVED, item.received_at, "The collector received it.", details)
    words = f"Import {item.import_id} read it from a file."
    lead = Lead("import", str(item.import_id))
    return Step(Stage.RECEIVED, item.received_at, words, {**details, "import_id": item.import_id}, lead)


def _went_to(found: AppliedMessage) -> Step:
    if found.person is None:
        words = "It was stored. It names nobody who could be recognised, so it belongs to no person."
        return Step(Stage.APPLIED, None, words)
    lead = Lead("person", str(found.person))
    words = f"It is in the timeline of {found.name or 'this person'}."
    return Step(Stage.APPLIED, None, words, {"profile": str(found.person)}, lead)


def _trait(said: TraitSaid) -> Step:
    value = MASK if said.is_masked else said.value
    if said.stands:
        words = f"It set the trait {said.key}, and that value counts now."
    elif said.since:
        words = f"It told the trait {said.key}; a value of {said.since[:10]} counts instead."
    else:
        words = f"It told the trait {said.key}, which this person does not have now."
    return Step(Stage.CHANGED, None, words, {said.key: value})


def _sums(found: AppliedMessage) -> list[Step]:
    steps = []
    title = found.item.title
    if found.counted:
        day, count = found.counted
        words = f"It is counted: {count} of {title} on {day} (UTC)."
        steps.append(Step(Stage.CHANGED, None, words, {"day": str(day), "count": count}))
    if found.visited:
        words = f"It belongs to a visit of {found.visited.events} events."
        details = {"from": found.visited.first_at.isoformat(), "to": found.visited.last_at.isoformat()}
        steps.append(Step(Stage.CHANGED, found.visited.first_at, words, details))
    if found.behaved:
        words = "It is part of how that visit went (behaviour)."
        steps.append(Step(Stage.CHANGED, found.behaved.first_at, words))
    if found.network:
        words = f"It is the latest word of what they did on {found.network}."
        steps.append(Step(Stage.CHANGED, None, words, {"network": found.network}))
    return steps


def _content(found: AppliedMessage) -> dict[str, Any]:
    item = found.item
    return {
        "type": item.type,
        "event": item.event,
        "timestamp": item.timestamp.isoformat(),
        "received_at": item.received_at.isoformat(),
        "properties": item.properties,
        "traits": item.traits or {},
        "context": item.context,
    }
