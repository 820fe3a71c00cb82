"""The review queue."""

from datetime import datetime
from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api import decisions, documents
from profiles.api.decisions import DECIDED
from profiles.api.parameters import PAGING, PAGING_PARAMETERS
from profiles.api.schemas import LINK, PROFILE
from profiles.domain.decisions import decide, undo
from profiles.domain.decisions.reviewing import MOST_NOTE
from profiles.domain.queries.reviews import OpenPair, review_queue
from profiles.enums import ReviewDecision
from streaming.api.bodies import text_of
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import page_schema, shape
from streaming.api.times import time_in
from streaming.api.views import RestView, page_document, page_size

_DECISIONS = {
    "merge": ReviewDecision.MERGED,
    "apart": ReviewDecision.APART,
    "later": ReviewDecision.LATER,
}

REVIEW = shape(
    "Review",
    "Two people whom evidence connects and a rule keeps apart.",
    id=IntegerField(help_text="decide on it under this number"),
    profiles=PROFILE(many=True, help_text="the two"),
    link=LINK(help_text="their first open link, with why it was refused"),
)
DECISION = shape(
    "ReviewDecision",
    "What to do with the two.",
    decision=ChoiceField(list(_DECISIONS), help_text="merge, apart: never one; later: ask again then"),
    until=DateTimeField(required=False, help_text="of later; a week by default"),
    note=CharField(max_length=MOST_NOTE, required=False),
)


class ReviewsView(RestView):
    """The queue."""

    operation = Operation.IDENTITY_DECIDE
    query_parameters = PAGING

    @extend_schema(operation_id="reviews_list", parameters=PAGING_PARAMETERS, responses=page_schema(REVIEW))
    def get(self, request: Request) -> Response:
        """List the pairs of people that wait for a decision, those that waited longest first."""
        page = review_queue(
            actor_of(request),
            now=timezone.now(),
            cursor=request.query_params.get("cursor"),
            limit=page_size(request),
        )
        results = [_review(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


class DecideView(RestView):
    """Deciding."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="reviews_decide", request=DECISION, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, review_id: int) -> Response:
        """Merge two people, keep them apart for ever, or put them off; 409 when somebody was faster."""
        decision, until, note = _decision(request)
        found = decide(actor_of(request), review_id, decision, until=until, note=note, now=timezone.now())
        return Response(decisions.document(found))


class UndoView(RestView):
    """Taking a decision back."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(operation_id="reviews_undo", request=None, responses=DECIDED, parameters=[KEY_PARAMETER])
    @once
    def post(self, request: Request, review_id: int) -> Response:
        """Take back what was decided: the two wait for review again."""
        return Response(decisions.document(undo(actor_of(request), review_id, now=timezone.now())))


def _review(pair: OpenPair) -> dict[str, Any]:
    return {
        "id": pair.id,
        "profiles": [documents.profile(each) for each in pair.people],
        "link": documents.link(pair.link),
    }


def _decision(request: Request) -> tuple[ReviewDecision, datetime | None, str]:
    given = cast("dict[str, Any]", request.data)  # all that the parser lets in
    if not set(given) <= {"decision", "until", "note"} or str(given.get("decision")) not in _DECISIONS:
        raise ValidationError({"decision": [f"It must be one of {', '.join(_DECISIONS)}."]})
    note = text_of(given, "note", most=MOST_NOTE)
    decision = _DECISIONS[given["decision"]]
    if "until" in given and decision is not ReviewDecision.LATER:
        raise ValidationError({"until": ["Only later has a time until when."]})
    return decision, _until(given), note


def _until(given: dict[str, Any]) -> datetime | None:
    if "until" not in given:
        return None
    until = time_in(given["until"])
    if until is None or until <= timezone.now():
        raise ValidationError(
            {"until": ["It must be a time to come with its zone, as in 2026-05-03T10:00:00Z."]}
        )
    return until
