"""The catalogue over REST: events with their properties and traits, without any value."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, FloatField, IntegerField, ListField

from compliance.access import actor_of
from compliance.enums import Operation
from ingestion.domain.catalogue.events import Described, described_events
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size

CATALOGUE_KEY = shape(
    "CatalogueKey",
    "A property or trait of an event.",
    kind=CharField(help_text="property or trait"),
    name=CharField(),
    description=CharField(allow_blank=True),
    owner=CharField(allow_blank=True),
    category=CharField(help_text="the category of data that holds: decided by people, else by its name"),
    purposes=ListField(child=CharField()),
    types=ListField(child=CharField()),
    share=FloatField(help_text="in which part of the events it stands"),
    last_seen_at=DateTimeField(),
)
CATALOGUE_EVENT = shape(
    "CatalogueEvent",
    "An event that sources send.",
    id=IntegerField(),
    type=CharField(),
    name=CharField(),
    description=CharField(allow_blank=True),
    owner=CharField(allow_blank=True),
    purposes=ListField(child=CharField()),
    sources=ListField(child=CharField()),
    events_last_7_days=IntegerField(),
    first_seen_at=DateTimeField(),
    last_seen_at=DateTimeField(),
    keys=CATALOGUE_KEY(many=True),
)


class CatalogueView(RestView):
    """What sources send."""

    operation = Operation.SOURCES_VIEW
    query_parameters = frozenset({"cursor", "page_size"})

    @extend_schema(
        operation_id="catalogue_list",
        parameters=[
            OpenApiParameter("cursor", description="from the `next` or `previous` of a page"),
            OpenApiParameter("page_size", int, description="1 to 500"),
        ],
        responses=page_schema(CATALOGUE_EVENT),
    )
    def get(self, request: Request) -> Response:
        """List events by the order in which they were first seen, with their properties and traits."""
        after, before = _cursor(request)
        page = described_events(
            actor_of(request), now=timezone.now(), after=after, before=before, limit=page_size(request)
        )
        results = [_document(each) for each in page.events]
        return Response(
            page_document(
                request, results,
                after=f"after-{results[-1]['id']}" if page.has_next else None,
                before=f"before-{results[0]['id']}" if page.has_previous else None,
            )
        )  # fmt: skip


def _cursor(request: Request) -> tuple[int | None, int | None]:
    text = request.query_params.get("cursor")
    if text is None:
        return None, None
    where, _, number = text.partition("-")
    if where not in ("after", "before") or not number.isascii() or not number.isdigit() or len(number) > 18:  # noqa: PLR2004 -- what bigint holds
        raise ValidationError(
            {"cursor": ["It is none of this list: use the address of `next` or `previous`."]}
        )
    return (int(number), None) if where == "after" else (None, int(number))


def _document(each: Described) -> dict[str, Any]:
    event = each.row.event
    return {
        "id": event.pk,
        "type": event.type,
        "name": event.name,
        "description": event.description,
        "owner": event.owner,
        "purposes": event.purposes,
        "sources": [source.name for source in each.row.sources],
        "events_last_7_days": each.row.recent,
        "first_seen_at": event.first_seen_at,
        "last_seen_at": event.last_seen_at,
        "keys": [
            {
                "kind": use.key.kind,
                "name": use.key.name,
                "description": use.key.description,
                "owner": use.key.owner,
                "category": use.category.value,
                "purposes": use.key.purposes,
                "types": use.types,
                "share": round(use.share, 4),
                "last_seen_at": use.last_seen_at,
            }
            for use in each.uses
        ],
    }
