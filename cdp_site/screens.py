"""How screens are served: to whom is signed in and may see them; others are told what they lack."""

from collections.abc import Sequence
from functools import wraps

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from compliance.access import AccessDenied, actor_of, require
from compliance.enums import Operation
from streaming.screens import Screen, View, render_screen


def screen_urls(site: AdminSite, screens: Sequence[Screen]) -> list[URLPattern]:
    """The addresses of these screens, each behind its gate."""
    return [
        path(screen.path, gated(site, screen.view, Operation(screen.operation)), name=screen.name)
        for screen in screens
    ]


def gated(site: AdminSite, view: View, operation: Operation) -> View:
    """The view for whoever is signed in and may do this; what it finds denied itself is answered alike."""

    @wraps(view)
    def allowed_only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            require(actor_of(request), operation)
            return view(request, *args, **kwargs)
        except AccessDenied as denied:
            return refusal(request, denied)

    inner = site.admin_view(allowed_only)

    @wraps(view)
    def signed_in_only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.headers.get("HX-Request") and not site.has_permission(request):
            # A part of a page cannot show the sign-in: have the whole page loaded, which leads there.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return inner(request, *args, **kwargs)

    return signed_in_only


def refusal(request: HttpRequest, denied: AccessDenied) -> HttpResponse:
    """The page that says what is missing, and who can give it."""
    return render_screen(
        request, "headwater/refused.html", {"title": "Not for your role", "denied": denied}, status=403
    )
