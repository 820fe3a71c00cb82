"""The admin site that all screens share."""

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from cdp_site.home.screens import HOME_SCREENS
from cdp_site.home.views import home
from cdp_site.navigation import first_page
from cdp_site.screens import gated, screen_urls
from compliance.access import actor_of, allows
from compliance.admin import sign_in_pages
from compliance.admin.welcome import welcome
from compliance.enums import Operation
from compliance.payloads import may_see_payloads
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
        return [
            path("welcome/", welcome, name="welcome"),
            path("login/code/", sign_in_pages.code, name="sign_in_code"),
            path("login/factor/", sign_in_pages.enrol, name="sign_in_enrol"),
            path("login/password/", sign_in_pages.new_password, name="sign_in_password"),
            *screens,
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The first step of signing in; whoever is in already goes on to Home."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            "app_path": request.get_full_path(),
            "next": reverse("admin:index"),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME in request.GET or REDIRECT_FIELD_NAME in request.POST:
            del context["next"]  # the view checks the one that was sent
        return sign_in_pages.PasswordPage.as_view(extra_context=context)(request)  # type: ignore[return-value]  # as Django says

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password is changed on the account page."""
        del request, extra_context
        return redirect("admin:account_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 -- Django's
        """Home, or the first page of whoever may not see it. Django calls it behind `admin_view`."""
        actor = actor_of(request)
        if not allows(actor, Operation.HOME_VIEW):
            return redirect(first_page(actor))
        return gated(self, home, Operation.HOME_VIEW)(request)  # type: ignore[return-value]  # ours is a whole answer

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page knows. Colours stand in our style sheet."""
        return {**super().each_context(request), "colors": None, **self.part_context(request)}

    def part_context(self, request: HttpRequest) -> dict[str, Any]:
        """What parts of pages know too: `may` are the operations of the viewer, with payloads only if they see those."""
        actor = actor_of(request)
        may = {operation.value for operation in actor.operations}
        return {"may": may if may_see_payloads(actor) else may - {Operation.PAYLOADS_VIEW.value}}
