"""Groups, households and shared values over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
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
    URLField,
    UUIDField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api import documents
from profiles.api.pages import records_view
from profiles.api.parameters import PAGING, PAGING_PARAMETERS
from profiles.api.schemas import PROFILE
from profiles.domain.queries.household import Member, household, household_members
from profiles.domain.queries.household_rows import Household, HouseholdKind
from profiles.domain.queries.households import households, households_of
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size

_KINDS = [kind.value for kind in HouseholdKind]
HOUSEHOLD = shape(
    "Household",
    "A group, a household, or a value that several people have. It makes none of them one person.",
    id=UUIDField(),
    kind=ChoiceField(_KINDS),
    namespace=CharField(),
    value=CharField(allow_null=True, help_text="null when the token may not see it"),
    name=CharField(allow_blank=True, help_text="as its own traits tell, empty when they tell none"),
    traits=DictField(help_text="its own, from group calls"),
    member_count=IntegerField(),
    more_members=BooleanField(help_text="whether there are more members than were counted"),
    first_seen=DateTimeField(),
    since=DateTimeField(help_text="of a person's: since when the two were seen together; else as first_seen"),
    masked=ListField(child=CharField(), help_text="keys of traits that the token may not see"),
)
MEMBER = shape(
    "HouseholdMember",
    "Somebody who belongs to it.",
    since=DateTimeField(help_text="since when they were seen together"),
    profile=PROFILE(),
)
FOUND = shape(
    "FoundProfiles",
    "A page of profiles, or the one that an identifier leads to.",
    results=PROFILE(many=True),
    next=URLField(allow_null=True, help_text="null on the last page"),
    previous=URLField(allow_null=True, help_text="null on the first page"),
    household=HOUSEHOLD(
        required=False,
        help_text="when nobody has the identifier alone: the group, household or shared value that it is",
    ),
)
KIND_PARAMETER = OpenApiParameter(
    "kind", {"type": "string", "enum": _KINDS}, description="all kinds without it"
)


def household_document(found: Household) -> dict[str, Any]:
    """One of them as every answer tells it."""
    return {
        "id": found.id,
        "kind": found.kind,
        "namespace": found.namespace,
        "value": found.value,
        "name": found.name,
        "traits": found.traits,
        "member_count": found.members,
        "more_members": found.has_more_members,
        "first_seen": found.first_seen,
        "since": found.since,
        "masked": found.masked,
    }


def _member(member: Member) -> dict[str, Any]:
    return {"since": member.since, "profile": documents.profile(member.person)}


class HouseholdsView(RestView):
    """All of them."""

    operation = Operation.PEOPLE_VIEW
    query_parameters = frozenset({"kind"}) | PAGING

    @extend_schema(
        operation_id="households_list",
        parameters=[KIND_PARAMETER, *PAGING_PARAMETERS],
        responses=page_schema(HOUSEHOLD),
    )
    def get(self, request: Request) -> Response:
        """List groups, households and shared values, the newest first."""
        page = households(
            actor_of(request),
            kind=_kind(request),
            cursor=request.query_params.get("cursor"),
            limit=page_size(request),
        )
        results = [household_document(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


class HouseholdView(RestView):
    """One of them."""

    operation = Operation.PEOPLE_VIEW

    @extend_schema(operation_id="households_read", responses=HOUSEHOLD)
    def get(self, request: Request, household_id: UUID) -> Response:
        """Read a group, a household or a shared value."""
        return Response(household_document(household(actor_of(request), household_id)))


class HouseholdMembersView(RestView):
    """Its members."""

    operation = Operation.PEOPLE_VIEW
    query_parameters = PAGING

    @extend_schema(
        operation_id="households_members", parameters=PAGING_PARAMETERS, responses=page_schema(MEMBER)
    )
    def get(self, request: Request, household_id: UUID) -> Response:
        """List who belongs to it now, those that came first first."""
        page = household_members(
            actor_of(request),
            household_id,
            cursor=request.query_params.get("cursor"),
            limit=page_size(request),
        )
        results = [_member(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


PersonHouseholdsView = records_view(
    "households",
    "List the groups, households and shared values that a person belongs to.",
    listing=households_of,
    document=household_document,
    item=HOUSEHOLD,
)


def _kind(request: Request) -> HouseholdKind | None:
    text = request.query_params.get("kind")
    if text is None:
        return None
    if text not in _KINDS:
        raise ValidationError({"kind": [f"It must be one of {', '.join(_KINDS)}."]})
    return HouseholdKind(text)
