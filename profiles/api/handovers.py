"""Identifiers that were given to another person."""

from datetime import date
from typing import Any, cast

from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateField, IntegerField

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api.decisions import DECIDED, WHY, document, why_of
from profiles.domain.handovers import Given, hand_over, take_back
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import shape
from streaming.api.views import RestView

HAND_OVER = shape(
    "HandOver",
    "Which identifier is another person's since when.",
    identifier=CharField(max_length=600, help_text="namespace:value, as in phone:+31612345678"),
    day=DateField(help_text="the first day (UTC) on which the new holder had it, as in 2026-05-01"),
    why=WHY,
)
HANDED = shape(
    "HandedOver",
    "Who is who by it.",
    id=IntegerField(help_text="take it back under this number"),
    decided=DECIDED(),
)


class HandOverView(RestView):
    """Giving an identifier to another person."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="identifiers_hand_over", request=HAND_OVER, responses=HANDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request) -> Response:
        """Have an identifier be another person's from a day on; 409 when that was said already."""
        given = cast("dict[str, Any]", request.data)  # all that the parser lets in
        if not isinstance(given.get("identifier"), str) or not set(given) <= {"identifier", "day", "why"}:
            raise ValidationError(
                {"identifier": ["Send identifier as namespace:value, day, and perhaps why."]}
            )
        found = hand_over(
            actor_of(request), given["identifier"], _day(given), why=why_of(given), now=timezone.now()
        )
        return Response(_document(found))


class TakeBackView(RestView):
    """Taking it back."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="handovers_take_back", request=None, responses=HANDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, handover_id: int) -> Response:
        """Have the identifier be the former holder's again; 409 when it is already."""
        return Response(_document(take_back(actor_of(request), handover_id, now=timezone.now())))


def _document(given: Given) -> dict[str, Any]:
    return {"id": given.id, "decided": document(given.decided)}


def _day(given: dict[str, Any]) -> date:
    try:
        day = parse_date(given.get("day", ""))
    except (ValueError, TypeError):
        day = None
    if day is None:
        raise ValidationError({"day": ["It must be a day, as in 2026-05-01."]})
    return day
