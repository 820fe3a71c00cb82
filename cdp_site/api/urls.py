"""Addresses under /api/."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from cdp_site.api import schema  # noqa: F401 -- importing it tells the OpenAPI document of tokens
from cdp_site.api.nowhere import nowhere

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", include("profiles.api.urls")),
    path("v1/", include("ingestion.api.urls")),
    path("v1/", include("compliance.api.urls")),
    path("v1/", include("streaming.api.urls")),
    re_path(r"", nowhere),
]
