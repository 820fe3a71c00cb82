"""Addresses under /api/v1/."""

from django.urls import path

from ingestion.api.sources import SourcesView

urlpatterns = [path("sources/", SourcesView.as_view())]
