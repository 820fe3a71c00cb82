"""Suppressing a person."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, IntegerField

from compliance.access import actor_of
from compliance.enums import Operation
from compliance.suppression import MOST_REASON
from profiles.domain.suppressing import suppress_person
from streaming.api.bodies import text_of
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import shape
from streaming.api.views import RestView

SUPPRESS_PERSON = shape(
    "SuppressPerson",
    "Why nothing more is stored of a person.",
    reason=CharField(
        max_length=MOST_REASON,
        min_length=1,
        help_text="shown with the suppressions; without anything that tells who it is",
    ),
)
SUPPRESSED_PERSON = shape(
    "SuppressedPerson",
    "What was suppressed.",
    suppressed=IntegerField(help_text="how many identifiers; suppressions/ lists and lifts them"),
)


class SuppressView(RestView):
    """Suppressing a person."""

    operation = Operation.SUPPRESSIONS_MANAGE

    @extend_schema(
        operation_id="profiles_suppress",
        request=SUPPRESS_PERSON,
        responses=SUPPRESSED_PERSON,
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Have nothing new be stored of a person, by all identifiers that are theirs alone; 409 when nothing is left."""
        made = suppress_person(actor_of(request), profile_id, reason=_reason(request), now=timezone.now())
        return Response({"suppressed": made})


def _reason(request: Request) -> str:
    given = cast("dict[str, Any]", request.data)  # all that the parser lets in
    reason = text_of(given, "reason", most=MOST_REASON, is_needed=True)
    if set(given) != {"reason"}:
        raise ValidationError({"reason": ["Send it and nothing else."]})
    return reason
