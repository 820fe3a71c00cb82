"""Lists of what belongs to a person: each kind has its own question and shape, and the page is the same."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.access import Actor, actor_of
from compliance.enums import Operation
from profiles.api.parameters import PAGING, PAGING_PARAMETERS
from profiles.domain.queries import Page
from streaming.api.schemas import Shape, page_schema
from streaming.api.views import RestView, page_document, page_size

T = TypeVar("T")


class Listing(Protocol[T]):
    """A question of the domain: it asks for access, hides what must be hidden, and records the read."""

    def __call__(self, actor: Actor, profile_id: UUID, *, cursor: str | None, limit: int) -> Page[T]:
        """Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
        ...


def records_view(
    name: str, says: str, *, listing: Listing[T], document: Callable[[T], dict[str, Any]], item: Shape
) -> type[RestView]:
    """The view of `profiles/ID/NAME/`. `says` describes it in the OpenAPI document."""

    class RecordsView(RestView):
        operation = Operation.PEOPLE_VIEW
        query_parameters = PAGING

        @extend_schema(
            operation_id=f"profiles_{name}",
            description=says,
            parameters=PAGING_PARAMETERS,
            responses=page_schema(item),
        )
        def get(self, request: Request, profile_id: UUID) -> Response:
            page = listing(
                actor_of(request),
                profile_id,
                cursor=request.query_params.get("cursor"),
                limit=page_size(request),
            )
            results = [document(each) for each in page.items]
            return Response(page_document(request, results, after=page.next, before=page.previous))

    return RecordsView
