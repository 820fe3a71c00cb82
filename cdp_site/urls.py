"""All addresses but the collector's, which `cdp_site.asgi` serves before Django."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("cdp_site.api.urls")),
]
