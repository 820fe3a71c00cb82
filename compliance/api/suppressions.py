"""Suppressed identifiers: listed, added, lifted. Their values are kept as hashes only, and are in no answer."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    IntegerField,
    UUIDField,
)

from compliance import suppression
from compliance.access import actor_of
from compliance.domain.listing import suppressed
from compliance.domain.suppressing import lift_together
from compliance.enums import Operation
from compliance.models import SuppressedIdentifier
from compliance.suppression import MOST_REASON, UnusableIdentifier
from streaming.api.bodies import text_of
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size, whole_number
from streaming.row_ids import MOST_ID

MOST_IDENTIFIER = 600

SUPPRESSION = shape(
    "Suppression",
    "A suppressed identifier, of which only a hash is kept.",
    id=IntegerField(help_text="lift it under this number"),
    namespace=CharField(),
    reason=CharField(),
    at=DateTimeField(),
    by=CharField(),
    together=UUIDField(allow_null=True, help_text="common to those that were suppressed as one person's"),
)
SUPPRESS = shape(
    "Suppress",
    "What to suppress.",
    identifier=CharField(
        max_length=MOST_IDENTIFIER, help_text="namespace:value, as in email:jane@example.com"
    ),
    reason=CharField(
        max_length=MOST_REASON, required=False, help_text="without anything that tells who it is"
    ),
)
SUPPRESSED = shape(
    "SuppressedNow", "Whether anything changed.", made=BooleanField(help_text="false when it was already")
)
LIFT = shape(
    "Lift",
    "What to lift.",
    together=BooleanField(required=False, help_text="all that were suppressed with it as one person's"),
)
LIFTED = shape("Lifted", "What was lifted.", lifted=IntegerField(help_text="how many identifiers"))


class SuppressionsView(RestView):
    """Suppressed identifiers."""

    operation = Operation.SUPPRESSIONS_MANAGE
    query_parameters = frozenset({"cursor", "page_size"})

    @extend_schema(
        operation_id="suppressions_list",
        parameters=[
            OpenApiParameter(
                "cursor", {"type": "integer", "minimum": 1, "maximum": MOST_ID}, description="from a `next`"
            ),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 500}),
        ],
        responses=page_schema(SUPPRESSION),
    )
    def get(self, request: Request) -> Response:
        """List suppressions, the newest first."""
        size = page_size(request)
        before = whole_number(request, "cursor", most=MOST_ID)
        rows = suppressed(actor_of(request), before=before, limit=size + 1)
        after = str(rows[size - 1].pk) if len(rows) > size else None
        return Response(page_document(request, list(map(_document, rows[:size])), after=after, before=None))

    @extend_schema(
        operation_id="suppressions_add",
        request=SUPPRESS,
        responses={201: SUPPRESSED, 200: SUPPRESSED},
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request) -> Response:
        """Have nothing be stored any more that names an identifier; what is stored stays until it is erased."""
        namespace, value, reason = _asked(request)
        try:
            made = suppression.suppress(
                namespace, value, by=actor_of(request), now=timezone.now(), reason=reason
            )
        except UnusableIdentifier as error:
            raise ValidationError({"identifier": [str(error)]}) from error
        return Response({"made": made}, status=201 if made else 200)


class LiftView(RestView):
    """Lifting a suppression."""

    operation = Operation.SUPPRESSIONS_MANAGE

    @extend_schema(
        operation_id="suppressions_lift", request=LIFT, responses=LIFTED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, suppressed_id: int) -> Response:
        """Have events that name an identifier be stored again, or any of those suppressed with it; 404 when it is lifted."""
        given = cast("dict[str, Any]", request.data)  # all that the parser lets in
        if not set(given) <= {"together"} or not isinstance(given.get("together", False), bool):
            raise ValidationError({"together": ["Send true or false, or nothing."]})
        actor = actor_of(request)
        if given.get("together"):
            lifted = lift_together(suppressed_id, by=actor)
        else:
            lifted = int(suppression.lift(suppressed_id, by=actor))
        if not lifted:
            raise NotFound("Nothing is suppressed under this number, or nothing together with it.")
        return Response({"lifted": lifted})


def _asked(request: Request) -> tuple[str, str, str]:
    """Namespace, value and reason of the body. Raises ValidationError."""
    match request.data:
        case {"identifier": str(identifier), **others} if set(others) <= {"reason"}:
            namespace, separator, value = identifier.partition(":")
        case _:
            raise ValidationError({"identifier": ["Send it as namespace:value, and perhaps a reason."]})
    if not separator or len(identifier) > MOST_IDENTIFIER:
        raise ValidationError(
            {
                "identifier": [
                    f"It is written namespace:value, as in user_id:42, in at most {MOST_IDENTIFIER} characters."
                ]
            }
        )
    return namespace, value, text_of(others, "reason", most=MOST_REASON)


def _document(row: SuppressedIdentifier) -> dict[str, Any]:
    return {
        "id": row.pk,
        "namespace": row.namespace,
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
        "together": row.together,
    }
