"""The trace of one event by its message id."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
    UUIDField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from ingestion.domain.traces import Lead, Outcome, Stage, Step, Trace, UnknownMessage, trace
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document
from streaming.event_log import event_log

LEAD = shape(
    "TraceLead",
    "Where more stands.",
    kind=ChoiceField(choices=["person", "rejection", "live_event", "dead_letter", "import"]),
    id=CharField(),
)
STEP = shape(
    "TraceStep",
    "One step of the way of an event.",
    stage=ChoiceField(choices=[stage.value for stage in Stage]),
    at=DateTimeField(allow_null=True, help_text="null when nobody wrote down when"),
    sentence=CharField(),
    details=DictField(help_text="figures of the step: topic, partition and offset, the value of a trait"),
    lead=LEAD(allow_null=True),
)
TRACE = shape(
    "Trace",
    "What became of one message. Several messages have the same id when several sources sent it.",
    message_id=CharField(),
    source_id=IntegerField(),
    source=CharField(),
    client_time=DateTimeField(allow_null=True, help_text="by the client's clock; with source and id it is the message"),
    was_refused=BooleanField(),
    outcome=ChoiceField(choices=[outcome.value for outcome in Outcome]),
    profile=UUIDField(allow_null=True),
    steps=STEP(many=True),
    event=DictField(allow_null=True, help_text="its content, as far as the caller may see it"),
    masked=ListField(child=CharField()),
    notes=ListField(child=CharField(), help_text="what could not be found out, and why"),
)  # fmt: skip


class TraceView(RestView):
    """What became of an event."""

    operation = Operation.EVENTS_VIEW

    @extend_schema(operation_id="events_trace", responses=page_schema(TRACE))
    def get(self, request: Request, message_id: str) -> Response:
        """Trace the messages with this id: received, accepted or why not, where in the log, whose, what it changed."""
        try:
            found = trace(actor_of(request), message_id, log=event_log())
        except UnknownMessage as unknown:
            raise NotFound(str(unknown)) from unknown
        results = [_document(message_id, each) for each in found]
        return Response(page_document(request, results, after=None, before=None))


def _document(message_id: str, found: Trace) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "source_id": found.message.source_id,
        "source": found.source,
        "client_time": found.message.client_time,
        "was_refused": found.message.is_refused,
        "outcome": found.outcome.value,
        "profile": found.person,
        "steps": [_step(step) for step in found.steps],
        "event": found.event,
        "masked": found.masked,
        "notes": found.notes,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "stage": step.stage.value,
        "at": step.at,
        "sentence": step.sentence,
        "details": step.details,
        "lead": _lead(step.lead),
    }


def _lead(lead: Lead | None) -> dict[str, str] | None:
    return None if lead is None else {"kind": lead.kind, "id": lead.id}
