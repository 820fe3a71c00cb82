"""The screens of the web admin: apps say which pages they bring; the site serves them and asks who may see them.

It stands in the lowest app so that every app can bring pages; who may do what is `compliance`'s to say, so a screen
names its operation and the site asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]
SIGNED_IN = ""
"""The operation of a screen that shows its viewer what is their own: it takes no permission, only signing in."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One page. `path` is below the admin's address; `name` is its URL name (`admin:NAME`).

    `operation` is the value of the operation that its viewer must be allowed, or SIGNED_IN. A screen with a `section`
    stands in the navigation, under that section, by `order`, with its `title` and `icon` (a Material symbol). One that
    `needs_proof` is for whoever gave their password or a code a short while ago; others are asked for it first. `badge` is what stands
    beside its title in the navigation: how much waits there for the viewer.
    """

    path: str
    name: str
    view: View
    operation: str
    title: str = ""
    section: str = ""
    icon: str = ""
    order: int = 0
    needs_proof: bool = False
    badge: Callable[[HttpRequest], str] | None = None


_screens: dict[str, Screen] = {}


def register_screen(screen: Screen) -> None:
    """Make a page known. Raises ValueError when another one has its name."""
    if _screens.setdefault(screen.name, screen) != screen:
        raise ValueError(f"two screens are named {screen.name!r}: give one of them another name")


def registered_screens() -> list[Screen]:
    """All of them, in the order of the navigation."""
    return sorted(_screens.values(), key=lambda screen: screen.order)


def render_screen(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A whole page: a template that extends `headwater/page.html`. The context has its `title`."""
    request.current_app = admin.site.name  # read by {% url %}
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


def render_part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A part of a page, for htmx: it knows what the viewer may do (`may`), and nothing of the frame."""
    return render(request, template, {**admin.site.part_context(request), **context}, status=status)  # type: ignore[attr-defined]  # ours
