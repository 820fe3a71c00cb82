"""All addresses but the collector's, which `cdp_site.asgi` serves before Django."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
