"""The benchmark of pages knows every route there is, so that none is ever slow unnoticed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver

from benchmarks._addresses import MEASURED, VALUES
from benchmarks._unmeasured import DJANGOS, NOT_MEASURED, POSTED
from compliance.access import Actor
from compliance.domain.users import create_staff
from streaming.screens import registered_screens

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
_EXAMPLES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000001", "slug": "x", "str": "x", "path": "x"}


def _routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, each.callback
        else:
            yield from _routes(each.url_patterns, route)


def _known() -> set[str]:
    return {*MEASURED, *NOT_MEASURED, *POSTED, *DJANGOS}


def test_every_route_is_measured_or_said_why_not() -> None:
    routes = {route for route, _ in _routes(get_resolver().url_patterns)}
    assert len(routes) > 150
    assert routes - _known() == set()


def test_no_route_is_listed_that_is_not_there() -> None:
    assert _known() - {route for route, _ in _routes(get_resolver().url_patterns)} == set()


def test_each_route_stands_in_one_list_and_each_reason_is_said() -> None:
    assert len(MEASURED) + len(NOT_MEASURED) + len(POSTED) + len(DJANGOS) == len(_known())
    assert all(NOT_MEASURED.values())


def test_every_screen_of_the_navigation_is_measured() -> None:
    screens = {f"admin/{screen.path}" for screen in registered_screens() if screen.section}
    assert len(screens) > 20
    assert screens - {route for route, addresses in MEASURED.items() if addresses} == set()


def test_what_is_looked_for_is_posted_as_the_pages_do() -> None:
    asked = [each for addresses in MEASURED.values() for each in addresses if isinstance(each, str)]
    assert [each for each in asked if each.startswith("/admin/") and re.search(r"[?&](text|q)=", each)] == []


def test_every_value_of_an_address_has_its_question() -> None:
    used = set()
    for address in (each for addresses in MEASURED.values() for each in addresses):
        texts = [address] if isinstance(address, str) else [address[0], *address[1].values()]
        used |= {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
    assert used == set(VALUES)


def test_no_page_hides_among_what_is_only_posted_and_what_no_role_opens(db: None) -> None:
    user = create_staff(
        username="a", password="harbour-lights-42", role="administrator", by=Actor.system("test"), now=NOW
    )
    client = Client()
    client.force_login(user)
    shown = {route for route in POSTED | DJANGOS if client.get(_example(route)).status_code == HTTPStatus.OK}
    assert shown == set()


def _example(route: str) -> str:
    """An address of the route, of nothing that is there."""
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: _EXAMPLES[found[1]], route)
