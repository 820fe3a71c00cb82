"""What ingestion itself knows of a message: what arrived of late, what was rejected, which import it is of."""

from datetime import datetime
from typing import Any

from compliance.access import Actor, allows
from compliance.enums import Category, Operation
from ingestion.domain.events.times import parse_time
from ingestion.domain.masking import Mask
from ingestion.domain.queries.watching import document_of
from ingestion.domain.traces.steps import Finding, Lead, Message, Outcome, Stage, Step
from ingestion.enums import Result
from ingestion.models import FileImport, LiveEvent, Rejection
from streaming.contracts.events import event_name

MOST = 20  # of each kind
_TAKEN: dict[str, str] = {
    Result.SPOOLED: "It was accepted, and kept in the spool while the log was away.",
    Result.QUARANTINED: "It was taken, whole, into quarantine.",
}


def known_here(actor: Actor, message_id: str) -> list[Finding]:
    """What is kept of this message id apart from people; content only as far as the actor may see it."""
    arrived = LiveEvent.objects.filter(message_id=message_id).exclude(result=Result.REJECTED)
    found = [_of_live(actor, each) for each in arrived.order_by("pk")[:MOST]]
    if not allows(actor, Operation.SOURCES_VIEW):
        return found
    refused = Rejection.objects.filter(message_id=message_id).order_by("pk")[:MOST]
    return found + [_of_rejection(actor, each) for each in refused]


def received(at: datetime | None, source_id: int, import_id: int) -> Step:
    """That it arrived: from a source, or as a row of a file."""
    if not import_id:
        return Step(Stage.RECEIVED, at, "The collector received it.", {"source_id": source_id})
    known = FileImport.objects.filter(pk=import_id).first()
    of = f"the file {known.name}" if known else "a file"
    return Step(
        Stage.RECEIVED, at, f"Import {import_id} read it from {of}.",
        {"source_id": source_id, "import_id": import_id}, Lead("import", str(import_id)) if known else None,
    )  # fmt: skip


def finding_of(document: dict[str, Any], outcome: Outcome, steps: list[Step]) -> Finding:
    """A finding about an event in the log's form, whose content stays where it is."""
    at = time_in(document, "received_at")
    import_id = document.get("import_id") or 0
    kind = str(document.get("type") or "")
    return Finding(
        message_of(document), outcome, [received(at, document["source_id"], import_id), *steps], received_at=at,
        names=(kind, event_name(kind, document.get("event"))), import_id=import_id,
    )  # fmt: skip


def message_of(document: dict[str, Any]) -> Message:
    """Which message an event in the log's form is."""
    return Message(document["source_id"], time_in(document, "client_time"))


def time_in(document: dict[str, Any], field: str) -> datetime | None:
    """A time of an event in the log's form."""
    value = document.get(field)
    return parse_time(value) if isinstance(value, str) else None


def _of_live(actor: Actor, event: LiveEvent) -> Finding:
    document = document_of(event)
    if event.result == Result.SUPPRESSED or not document:
        step = Step(
            Stage.CHECKED, event.at, "It was suppressed: it is about somebody of whom nothing may be stored."
        )
        return Finding(Message(event.source_id, None, is_refused=True), Outcome.SUPPRESSED, [step], event.at)
    words = _TAKEN.get(event.result, "It was accepted.")
    found = finding_of(
        document, Outcome.WAITING,
        [Step(Stage.CHECKED, event.at, words, lead=Lead("live_event", str(event.pk)))],
    )  # fmt: skip
    found.event = Mask(actor).event(document)
    return found


def _of_rejection(actor: Actor, item: Rejection) -> Finding:
    name = Mask(actor).value(Category.BEHAVIOUR, item.name)
    details = {"code": item.code, "bytes": item.raw_bytes, **({"event": name} if name is not None else {})}
    steps = [
        received(item.received_at, item.source_id, 0),
        Step(
            Stage.CHECKED, item.received_at, f"It was rejected: {item.reason}.", details,
            Lead("rejection", str(item.pk)),
        ),
    ]  # fmt: skip
    return Finding(
        Message(item.source_id, None, is_refused=True), Outcome.REJECTED, steps, received_at=item.received_at
    )
