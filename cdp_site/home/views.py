"""The addresses of Home: the page, and the parts of it that are renewed while one looks."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cdp_site.home.today import today
from cdp_site.home.volume import volume
from compliance.access import actor_of
from streaming.screens import render_part, render_screen


def home(request: HttpRequest) -> HttpResponse:
    """The page."""
    now, actor = timezone.now(), actor_of(request)
    context = {"title": "Home", "today": today(actor, now=now), "volume": volume(now=now, actor=actor)}
    return render_screen(request, "headwater/home/page.html", context)


def figures(request: HttpRequest) -> HttpResponse:
    """The figures and what is wrong, as of now."""
    context = {"today": today(actor_of(request), now=timezone.now()), "renewed": True}
    return render_part(request, "headwater/home/_figures.html", context)


def chart(request: HttpRequest) -> HttpResponse:
    """The last day by source, as of now."""
    found = volume(now=timezone.now(), actor=actor_of(request))
    return render_part(request, "headwater/home/_volume.html", {"volume": found})
