"""Profiles: one, those of an identifier, all of them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.access import actor_of
from compliance.enums import Operation
from compliance.rates.callers import caller_of
from compliance.rates.limits import limit
from profiles.api import documents
from profiles.api.households import FOUND, household_document
from profiles.api.parameters import IDENTIFIER_PARAMETER, PAGING, PAGING_PARAMETERS
from profiles.api.schemas import LOOKUP, PROFILE
from profiles.domain.namespaces import UnreadableIdentifier
from profiles.domain.queries import UnknownPerson, people, person
from profiles.domain.queries.identified import identified
from streaming.api.views import RestView, page_document, page_size


class ProfilesView(RestView):
    """All profiles, or those of one identifier."""

    operation = Operation.PEOPLE_VIEW
    query_parameters = frozenset({"identifier"}) | PAGING

    @extend_schema(
        operation_id="profiles_list",
        parameters=[IDENTIFIER_PARAMETER, *PAGING_PARAMETERS],
        responses=FOUND,
    )
    def get(self, request: Request) -> Response:
        """List profiles, those that came first first, or find the one that has an identifier."""
        identifier = request.query_params.get("identifier")
        if identifier is not None:
            return _identified(request, identifier, in_address=True)
        page = people(actor_of(request), cursor=request.query_params.get("cursor"), limit=page_size(request))
        results = [documents.profile(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


class LookupView(RestView):
    """The profile of an identifier that must not stand in an address."""

    operation = Operation.PEOPLE_SEARCH

    @extend_schema(operation_id="profiles_lookup", request=LOOKUP, responses=FOUND)
    def post(self, request: Request) -> Response:
        """Find the profile that has an identifier of any namespace."""
        match request.data:
            case {"identifier": str(identifier), **others} if not others:
                return _identified(request, identifier, in_address=False)
        raise ValidationError(
            {"identifier": ['Send it, and nothing else, as in {"identifier": "user_id:42"}.']}
        )


class ProfileView(RestView):
    """One profile."""

    operation = Operation.PEOPLE_VIEW

    @extend_schema(operation_id="profiles_read", responses=PROFILE)
    def get(self, request: Request, profile_id: UUID) -> Response:
        """Read the profile of whoever holds this id now; any id that was ever given leads to them."""
        found = person(actor_of(request), profile_id)
        if found is None:
            raise UnknownPerson
        return Response(documents.profile(found))


def _identified(request: Request, identifier: str, *, in_address: bool) -> Response:
    """Who has it. Raises Throttled once a caller asked for too many whom nobody is: so one finds out who is there."""
    misses, caller = limit("misses"), caller_of(request)
    if wait := misses.wait(caller):
        raise Throttled(wait)
    try:
        found = identified(actor_of(request), identifier, in_address=in_address)
    except UnreadableIdentifier as error:
        raise ValidationError({"identifier": [str(error)]}) from error
    results: list[dict[str, Any]] = [documents.profile(each) for each in found.people]
    if not results and not found.household:
        misses.take(caller)
    page = page_document(request, results, after=None, before=None)
    return Response({**page, "household": household_document(found.household)} if found.household else page)
