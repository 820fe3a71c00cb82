"""Deciding who is who: unmerge, split, merge, keep apart."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, IntegerField, ListField, UUIDField

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.domain.decisions import Decided, keep_apart, merge, split_off, withdraw
from profiles.domain.decisions.deciding import MOST_WHY
from profiles.domain.decisions.unmerging import MOST_AT_ONCE
from streaming.api.bodies import text_of
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import shape
from streaming.api.views import RestView
from streaming.row_ids import is_row_id

WHY = CharField(
    max_length=MOST_WHY,
    required=False,
    help_text="shown in the history; without anything that tells who it is",
)
UNMERGE = shape(
    "Unmerge",
    "Which links of a person to withdraw.",
    evidence=ListField(
        child=IntegerField(min_value=1),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="ids of links, from explain/",
    ),
    why=WHY,
)
SPLIT = shape(
    "SplitOff",
    "Which identifier of a person to split off.",
    identifier=CharField(max_length=600, help_text="namespace:value, as in email:jane@example.com"),
    why=WHY,
)
MERGE_WITH = shape("MergeWith", "Whom a person is one with.", **{"with": UUIDField()}, why=WHY)
KEEP_APART = shape("KeepApart", "Whom a person is never one with.", **{"from": UUIDField()}, why=WHY)
DECIDED = shape(
    "Decided",
    "Who is who after a decision.",
    profiles=ListField(
        child=UUIDField(), help_text="who has the identifiers concerned now, the eldest first"
    ),
    still_one=BooleanField(help_text="whether all of them are one person"),
    because=ListField(child=IntegerField(), help_text="ids of the links that still hold them together"),
    deferred=BooleanField(
        help_text="so much hangs together that it is decided in the background, within minutes"
    ),
)


class UnmergeView(RestView):
    """Withdrawing links."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="profiles_unmerge", request=UNMERGE, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Withdraw links of a person, whoever said the same; what that takes apart stays apart."""
        given = _fields(request, "evidence")
        ids = given["evidence"]
        if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_AT_ONCE or not all(map(is_row_id, ids)):
            raise ValidationError({"evidence": [f"Send 1 to {MOST_AT_ONCE} ids of links, from explain/."]})
        found = withdraw(actor_of(request), profile_id, ids, why=why_of(given), now=timezone.now())
        return Response(document(found))


class SplitView(RestView):
    """Splitting off an identifier."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="profiles_split", request=SPLIT, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Withdraw all that links one identifier with the others of a person: it goes on as somebody else."""
        given = _fields(request, "identifier")
        if not isinstance(given["identifier"], str):
            raise ValidationError({"identifier": ["It is written namespace:value, as in user_id:42."]})
        found = split_off(
            actor_of(request), profile_id, given["identifier"], why=why_of(given), now=timezone.now()
        )
        return Response(document(found))


class MergeView(RestView):
    """Merging two people."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="profiles_merge", request=MERGE_WITH, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Make two people one, whatever the limits say; 409 when they are one."""
        given = _fields(request, "with")
        other = _profile(given, "with")
        return Response(
            document(merge(actor_of(request), profile_id, other, why=why_of(given), now=timezone.now()))
        )


class KeepApartView(RestView):
    """Keeping two people apart."""

    operation = Operation.IDENTITY_DECIDE

    @extend_schema(
        operation_id="profiles_keep_apart", request=KEEP_APART, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Have two people never be one, whatever evidence comes; 409 when they are kept apart, or are one."""
        given = _fields(request, "from")
        other = _profile(given, "from")
        found = keep_apart(actor_of(request), profile_id, other, why=why_of(given), now=timezone.now())
        return Response(document(found))


def document(decided: Decided) -> dict[str, Any]:
    """A decision as it is answered."""
    return {
        "profiles": decided.profiles,
        "still_one": decided.still_one,
        "because": decided.because,
        "deferred": decided.deferred,
    }


def _fields(request: Request, name: str) -> dict[str, Any]:
    """The body, which has this field and at most a `why` beside it. Raises ValidationError."""
    given = cast("dict[str, Any]", request.data)  # all that the parser lets in
    if name not in given or not set(given) <= {name, "why"}:
        raise ValidationError({name: [f"Send {name}, and nothing else but why."]})
    return given


def why_of(given: dict[str, Any]) -> str:
    """The `why` of a body. Raises ValidationError."""
    return text_of(given, "why", most=MOST_WHY)


def _profile(given: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(given[name])
    except (ValueError, TypeError, AttributeError) as error:
        raise ValidationError({name: ["It must be the id of a profile."]}) from error
