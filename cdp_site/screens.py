"""How screens are served: to whom is signed in and may see them; others are told what they lack.

What no database keeps is refused here, so that no screen has to think of it.
"""

import math
from collections.abc import Mapping, Sequence
from functools import wraps

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from compliance.access import AccessDenied, Actor, actor_of, allows, require
from compliance.admin.step_up import proven
from compliance.enums import Operation
from compliance.models import Role
from compliance.rates.pages import wait_of_page
from ingestion.domain.reach import NotTheirSource, require_source
from streaming.screens import SIGNED_IN, Screen, View, render_screen

_TOO_OFTEN = (
    "Your account asked more often than its limit allows. Nothing was done. Load the page again in {} s; "
    "an operator can raise the limit (docs/guides/rate-limits.md)."
)


def screen_urls(site: AdminSite, screens: Sequence[Screen]) -> list[URLPattern]:
    """The addresses of these screens, each behind its gate."""
    return [
        path(
            screen.path,
            gated(site, proven(screen.view) if screen.needs_proof else screen.view, operation_of(screen)),
            name=screen.name,
        )
        for screen in screens
    ]


def operation_of(screen: Screen) -> Operation | None:
    """What the viewer must be allowed; None where it is enough to be signed in."""
    return None if screen.operation == SIGNED_IN else Operation(screen.operation)


def gated(site: AdminSite, view: View, operation: Operation | None) -> View:
    """The view for whoever is signed in and may do this, if it takes anything; what it finds denied itself is answered alike.

    A request counts before it is decided: what is refused leaves a row in the audit trail too.
    """

    @wraps(view)
    def allowed_only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if wait := wait_of_page(request, view):
            return _too_often(request, wait)
        try:
            actor = actor_of(request)
            if operation is not None:
                require(actor, operation)
            _require_source(actor, request, kwargs)
            unreadable = with_nul(request, kwargs)
            return view(request, *args, **kwargs) if unreadable is None else _unreadable(request, unreadable)
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


def _too_often(request: HttpRequest, wait: float) -> HttpResponse:
    seconds = math.ceil(wait)
    answer = render_screen(
        request,
        "headwater/too_often.html",
        {"title": "Too often", "text": _TOO_OFTEN.format(seconds)},
        status=429,
    )
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _require_source(actor: Actor, request: HttpRequest, arguments: Mapping[str, object]) -> None:
    """What came from a source that is closed to the actor is not there for them."""
    route = request.resolver_match.route if request.resolver_match else ""
    try:
        require_source(actor, route, arguments)
    except NotTheirSource as error:
        raise Http404(str(error)) from error


def refusal(request: HttpRequest, denied: AccessDenied, operation: Operation | None) -> HttpResponse:
    """The page that says what is missing, and, when the screen itself asks for it, which roles have it."""
    lacks = None if operation is None or allows(actor_of(request), operation) else operation
    roles = [] if lacks is None else roles_with(lacks)
    context = {"title": "Not for your role", "denied": denied, "operation": operation or "", "roles": roles}
    return render_screen(request, "headwater/refused.html", context, status=403)


def with_nul(request: HttpRequest, arguments: Mapping[str, object]) -> str | None:
    """The name of what was sent with a NUL in it, which is in no text and no database keeps; None when nothing was."""
    fields = [*request.GET.lists(), *request.POST.lists()]
    place = [(name, [value]) for name, value in arguments.items() if isinstance(value, str)]
    return next(
        (name for name, values in (*place, *fields) if any("\0" in each for each in (name, *values))), None
    )


def _unreadable(request: HttpRequest, name: str) -> HttpResponse:
    where = name.replace("\0", "")[:80]
    text = (
        f"What was sent holds a character that no text has (NUL){f', in {where}' if where else ''}. "
        "Nothing was changed. Go back, type it again and send it."
    )
    context = {"title": "This cannot be read", "text": text}
    return render_screen(request, "headwater/unreadable.html", context, status=400)


def roles_with(operation: Operation) -> list[str]:
    """The names of the roles that allow this."""
    roles = Role.objects.filter(operations__contains=[operation.value])
    return list(roles.order_by("group__name").values_list("group__name", flat=True))
