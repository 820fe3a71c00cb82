"""All addresses but the collector's, which `cdp_site.asgi` serves before Django."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

admin.autodiscover()

handler400 = "cdp_site.web.bad_requests.bad_request"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("cdp_site.api.urls")),
]
