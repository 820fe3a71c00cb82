"""What quarantine knows of a message: that a plan kept it out, and what was decided since."""

from compliance.access import Actor, allows
from compliance.enums import Operation
from ingestion.domain.traces.arriving import MOST, received
from ingestion.domain.traces.steps import Finding, Lead, Message, Outcome, Stage, Step
from ingestion.enums import QuarantineState
from ingestion.models import Quarantined
from streaming.runtime.message_seen import client_time_of

_DECIDED = {
    QuarantineState.QUEUED: (Outcome.QUARANTINED, "It is on its way out of quarantine, mended."),
    QuarantineState.SENT: (Outcome.WAITING, "It was mended and sent on."),
    QuarantineState.SUPPRESSED: (
        Outcome.SUPPRESSED,
        "It was suppressed when it was to be sent on: it names somebody of whom nothing may be stored.",
    ),
    QuarantineState.DISCARDED: (Outcome.QUARANTINED, "It was discarded."),
}


def quarantined(actor: Actor, message_id: str) -> list[Finding]:
    """The messages with this id that a plan kept out of the log. Tells no content but which rule they broke."""
    if not allows(actor, Operation.SOURCES_VIEW):
        return []
    rows = Quarantined.objects.filter(message_id=message_id).defer("value").order_by("pk")[:MOST]
    return [_finding_of(row) for row in rows]


def _finding_of(row: Quarantined) -> Finding:
    lead = Lead("quarantined", str(row.pk)) if row.state == QuarantineState.OPEN else None
    steps = [
        received(row.received_at, row.source_id, 0),
        Step(
            Stage.CHECKED, row.quarantined_at, f"Its source's tracking plan kept it out: {row.reason}.",
            {"plan_version": row.plan_version}, lead,
        ),
    ]  # fmt: skip
    outcome, words = _DECIDED.get(QuarantineState(row.state), (Outcome.QUARANTINED, ""))
    if words:
        steps.append(Step(Stage.PUT_ASIDE, row.decided_at, words))
    return Finding(
        Message(row.source_id, client_time_of(row.client_time)),
        outcome,
        steps,
        received_at=row.received_at,
        names=(row.type, row.name),
    )
