"""Addresses under /api/v1/."""

from django.urls import path

from ingestion.api.catalogue import CatalogueView
from ingestion.api.connection_streams import ConnectionStreamsView
from ingestion.api.connections import ConnectionsView, RunsView
from ingestion.api.context import ContextDaysView, ContextView
from ingestion.api.sources import SourcesView
from ingestion.api.traces import TraceView

urlpatterns = [
    path("context/<slug:dataset>/", ContextView.as_view()),
    path("context/<slug:dataset>/days/", ContextDaysView.as_view()),
    path("sources/", SourcesView.as_view()),
    path("connections/", ConnectionsView.as_view()),
    path("connections/<int:connection_id>/streams/", ConnectionStreamsView.as_view()),
    path("connections/streams/<int:stream_id>/runs/", RunsView.as_view()),
    path("catalogue/", CatalogueView.as_view()),
    path("events/<path:message_id>/trace/", TraceView.as_view()),
]
