"""How screens are served: to whom is signed in and may see them; others are told what they lack."""

from collections.abc import Sequence
from functools import wraps

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from compliance.access import AccessDenied, actor_of, allows, require
from compliance.enums import Operation
from compliance.models import Role
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
            return refusal(request, denied, operation)

    inner = site.admin_view(allowed_only)

    @wraps(view)
    def signed_in_only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.headers.get("HX-Request") and not site.has_permission(request):
            # A part of a page cannot show the sign-in: have the whole page loaded, which leads there.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return inner(request, *args, **kwargs)

    return signed_in_only


def refusal(request: HttpRequest, denied: AccessDenied, operation: Operation) -> HttpResponse:
    """The page that says what is missing, and, when the screen itself asks for it, which roles have it."""
    is_the_screens = not allows(actor_of(request), operation)
    roles = roles_with(operation) if is_the_screens else []
    context = {"title": "Not for your role", "denied": denied, "operation": operation.value, "roles": roles}
    return render_screen(request, "headwater/refused.html", context, status=403)


def roles_with(operation: Operation) -> list[str]:
    """The names of the roles that allow this."""
    roles = Role.objects.filter(operations__contains=[operation.value])
    return list(roles.order_by("group__name").values_list("group__name", flat=True))
