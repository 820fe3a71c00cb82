"""What belongs to one profile: events, identifiers, merges, and the explanation of it all."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api import documents
from profiles.api.pages import records_view
from profiles.api.parameters import FILTER_PARAMETERS, FILTERS, PAGING, PAGING_PARAMETERS, timeline_filter
from profiles.api.schemas import CHANGE, EVENT, EXPLANATION, HELD_IDENTIFIER
from profiles.domain.queries import explain, identifiers, lineage, timeline
from streaming.api.schemas import page_schema
from streaming.api.views import RestView, page_document, page_size


class EventsView(RestView):
    """The timeline."""

    operation = Operation.PEOPLE_VIEW
    query_parameters = PAGING | FILTERS

    @extend_schema(
        operation_id="profiles_events",
        parameters=[*FILTER_PARAMETERS, *PAGING_PARAMETERS],
        responses=page_schema(EVENT),
    )
    def get(self, request: Request, profile_id: UUID) -> Response:
        """List the events of a person, the newest first."""
        page = timeline(
            actor_of(request),
            profile_id,
            cursor=request.query_params.get("cursor"),
            limit=page_size(request),
            filters=timeline_filter(request),
        )
        results = [documents.event(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


class ExplainView(RestView):
    """The explanation."""

    operation = Operation.PEOPLE_VIEW

    @extend_schema(operation_id="profiles_explain", responses=EXPLANATION)
    def get(self, request: Request, profile_id: UUID) -> Response:
        """Explain which evidence holds a person together, and which links were refused."""
        return Response(documents.explanation(explain(actor_of(request), profile_id)))


IdentifiersView = records_view(
    "identifiers",
    "List all identifiers of a person, the strongest namespace first.",
    listing=identifiers,
    document=documents.held_identifier,
    item=HELD_IDENTIFIER,
)
MergesView = records_view(
    "merges",
    "List each time that people became one or were taken apart, the latest first, with the reason.",
    listing=lineage,
    document=documents.change,
    item=CHANGE,
)
