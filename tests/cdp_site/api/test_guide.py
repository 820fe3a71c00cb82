"""The guide names every address of the REST API, and none that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

GUIDE = Path(__file__).parents[3] / "docs/guides/rest-api.md"
PREFIX = "api/v1/"
_CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) ([^`]+)`")
_PARAMETER = re.compile(r"<[^>]+>|{[^}]+}")


class Call(NamedTuple):
    """A method and an address below PREFIX, in which every parameter is {}."""

    method: str
    path: str


def served(resolver: URLResolver, before: str = "") -> Iterator[tuple[Call, str]]:
    """What the URL configuration answers, with the scope that it takes."""
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from served(each, address)
        elif isinstance(each, URLPattern) and address.startswith(PREFIX):
            view: Any = each.callback.view_class  # type: ignore[attr-defined]  # set by as_view()
            path = _PARAMETER.sub("{}", address.removeprefix(PREFIX))
            for method in set(view.http_method_names) - {"options", "head"}:
                if hasattr(view, method):
                    yield Call(method.upper(), path), view.operation


def described() -> Iterator[tuple[Call, str]]:
    """What the rows of the guide's table say; `a/b/ c/` stands for `a/b/` and `a/c/`."""
    for line in GUIDE.read_text().splitlines():
        match line.split(" | "):
            case [calls, scope, _]:
                for method, text in _CALL.findall(calls):
                    path, *others = (word.partition("?")[0] for word in text.partition(' {"')[0].split())
                    parent = path.removesuffix("/").rpartition("/")[0]
                    for each in (path, *(f"{parent}/{other}" for other in others)):
                        yield Call(method, _PARAMETER.sub("{}", each)), scope


def test_the_guide_has_every_address_and_method_and_no_other():
    known = dict(served(get_resolver("cdp_site.urls")))
    assert Call("GET", "profiles/{}/events/") in known
    assert {call for call, _ in described()} == known.keys()


def test_the_guide_names_the_scope_that_each_takes():
    known = dict(served(get_resolver("cdp_site.urls")))
    for call, scope in described():
        its_own = f"`{known[call]}`" if known[call] else "any, of the caller"
        assert its_own in scope or scope == "and `people.search`", call
