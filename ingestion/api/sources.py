"""The sources and what each sent."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateTimeField, IntegerField

from compliance.access import actor_of
from compliance.enums import Operation
from ingestion.domain.queries import SourceOverview, source_overviews
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document

SOURCE = shape(
    "Source",
    "A website, app or system that sends events.",
    id=IntegerField(),
    name=CharField(),
    description=CharField(allow_blank=True),
    enabled=BooleanField(help_text="whether its events are taken"),
    created_at=DateTimeField(),
    last_seen_at=DateTimeField(allow_null=True, help_text="to the minute"),
    events_last_hour=IntegerField(),
    events_last_day=IntegerField(),
    rejected_last_day=IntegerField(),
)


class SourcesView(RestView):
    """The sources."""

    operation = Operation.SOURCES_VIEW

    @extend_schema(operation_id="sources_list", responses=page_schema(SOURCE))
    def get(self, request: Request) -> Response:
        """List all sources by name, on one page."""
        found = source_overviews(now=timezone.now(), actor=actor_of(request))
        results = [_document(each) for each in found]
        return Response(page_document(request, results, after=None, before=None))


def _document(overview: SourceOverview) -> dict[str, Any]:
    source = overview.source
    return {
        "id": source.pk,
        "name": source.name,
        "description": source.description,
        "enabled": source.is_enabled,
        "created_at": source.created_at,
        "last_seen_at": overview.last_seen_at,
        "events_last_hour": overview.last_hour,
        "events_last_day": overview.last_day,
        "rejected_last_day": overview.rejected_last_day,
    }
