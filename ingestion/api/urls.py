"""Addresses under /api/v1/."""

from django.urls import path

from ingestion.api.catalogue import CatalogueView
from ingestion.api.sources import SourcesView
from ingestion.api.traces import TraceView

urlpatterns = [
    path("catalogue/", CatalogueView.as_view()),
    path("sources/", SourcesView.as_view()),
    path("events/<path:message_id>/trace/", TraceView.as_view()),
]
