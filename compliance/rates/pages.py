"""Limits of pages."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

from compliance.rates.callers import caller_of
from compliance.rates.limits import limit

_COSTS = "costs"
View = TypeVar("View", bound=Callable[..., Any])


def costs(name: str) -> Callable[[View], View]:
    """What is posted to the view counts for this limit, beside that of all pages."""

    def marked(view: View) -> View:
        setattr(view, _COSTS, name)
        return view

    return marked


def wait_of_page(request: HttpRequest, view: Callable[..., Any]) -> float:
    """The seconds until the member of staff may open the page; 0 when they may, and it was counted."""
    caller = caller_of(request)
    wait = limit("page").take(caller)
    name = getattr(view, _COSTS, "") if request.method == "POST" else ""
    return wait or (limit(name).take(caller) if name else 0.0)
