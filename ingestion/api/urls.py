"""Addresses under /api/v1/."""

from django.urls import path

from ingestion.api.sources import SourcesView
from ingestion.api.traces import TraceView

urlpatterns = [
    path("sources/", SourcesView.as_view()),
    path("events/<path:message_id>/trace/", TraceView.as_view()),
]
