"""The admin site that all screens share."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from cdp_site.home.screens import HOME_SCREENS
from cdp_site.home.views import home
from cdp_site.screens import gated, screen_urls
from compliance.access import actor_of
from compliance.admin.welcome import welcome
from compliance.enums import Operation
from streaming.screens import registered_screens


class HeadwaterAdminSite(UnfoldAdminSite):
    """Headwater's web admin: Home, and the screens that the apps bring."""

    site_title = "Headwater"
    index_title = "Home"
    enable_nav_sidebar = True
    login_template = "headwater/login.html"

    def get_urls(self) -> list[URLPattern]:
        """The screens stand before the addresses of models."""
        screens = screen_urls(self, [*HOME_SCREENS, *registered_screens()])
        return [path("welcome/", welcome, name="welcome"), *screens, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 -- Django's
        """Home. Django calls it behind `admin_view`."""
        return gated(self, home, Operation.HOME_VIEW)(request)  # type: ignore[return-value]  # ours is a whole answer

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page knows. Colours stand in our style sheet."""
        return {**super().each_context(request), "colors": None, **self.part_context(request)}

    def part_context(self, request: HttpRequest) -> dict[str, Any]:
        """What parts of pages know too: `may` are the operations of the viewer."""
        return {"may": {operation.value for operation in actor_of(request).operations}}
