"""Approvals for programs: what they asked for, and how far that is."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField, URLField
from rest_framework.status import HTTP_202_ACCEPTED

from compliance.access import actor_of
from compliance.actors import Actor
from compliance.domain.approvals.asking import ApprovalError, ask
from compliance.domain.approvals.kinds import ApprovalKind, State
from compliance.domain.approvals.listing import one
from compliance.domain.approvals.needing import ApprovalNeeded
from compliance.enums import Operation
from compliance.models import Approval
from streaming.api.schemas import shape
from streaming.api.views import RestView

APPROVAL = shape(
    "Approval",
    "What was asked of a second person.",
    id=IntegerField(),
    url=URLField(),
    kind=ChoiceField(choices=[each.value for each in ApprovalKind]),
    target=CharField(),
    state=ChoiceField(choices=[each.value for each in State]),
    asked_at=DateTimeField(),
    expires_at=DateTimeField(help_text="until when somebody may decide"),
    decided_at=DateTimeField(allow_null=True),
    decided_why=CharField(),
    use_until=DateTimeField(
        allow_null=True, help_text="until when it can be used, once, after it was approved"
    ),
)


class ApprovalView(RestView):
    """One request."""

    operation = Operation.AUDIT_VIEW

    @extend_schema(operation_id="approvals_read", responses=APPROVAL)
    def get(self, request: Request, approval_id: int) -> Response:
        """Say how far a request is."""
        row = one(actor_of(request), approval_id)
        if row is None:
            raise NotFound("There is no such request, or it is not yours.")
        return Response(_document(request, row))


def asked(request: Request, needed: ApprovalNeeded, *, why: str, by: Actor, now: datetime) -> Response:
    """202 with what was asked for; 403 that says what to send when no reason was given."""
    try:
        row = ask(needed.wish, why=why, by=by, now=now)
    except ApprovalError as wrong:
        raise PermissionDenied(f"This takes a second person: send `why`; {wrong}.") from wrong
    return Response(_document(request, row), status=HTTP_202_ACCEPTED)


def _document(request: Request, row: Approval) -> dict[str, Any]:
    is_over = row.state == State.WAITING and row.expires_at <= timezone.now()
    return {
        "id": row.pk,
        "url": request.build_absolute_uri(f"/api/v1/approvals/{row.pk}/"),
        "kind": row.kind,
        "target": row.target,
        "state": State.EXPIRED.value if is_over else row.state,
        "asked_at": row.asked_at,
        "expires_at": row.expires_at,
        "decided_at": row.decided_at,
        "decided_why": row.decided_why,
        "use_until": row.use_until,
    }
