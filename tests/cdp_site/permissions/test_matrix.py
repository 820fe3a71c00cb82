"""Role by address by category, made from the policy: whatever is added to any of the three is tried.

An address is refused to whom the operation that it declares is missing, or the category that all of it is of is hidden
from, and to nobody else. Of each category a value stands in an answer where the role sees it clear, its pseudonym where it
sees that, and neither anywhere else.
"""

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from benchmarks._addresses import MEASURED, VALUES
from compliance.domain.shipped_roles import SHIPPED
from compliance.enums import Category, Operation
from compliance.forms import Form
from streaming.api.views import ANYBODY
from streaming.screens import registered_screens
from tests.cdp_site.permissions.planted import KEYS, MARKS
from tests.cdp_site.permissions.visitors import CLOSED, Visitor, pseudonyms

ROLES = [*(each.name for each in SHIPPED), "administrator", *CLOSED]
_P, _API = "admin/people/<uuid:profile_id>/", "api/v1/profiles/<uuid:profile_id>/"
SECTIONS = {
    Category.BEHAVIOUR: {
        *(_P + part for part in ("timeline/", "events/<int:event_id>/")),
        *(_API + part for part in ("events/", "consents/", "consents/history/", "sessions/", "social/", "behaviour/")),
        "admin/live/", "admin/live/rows/", "admin/live/<int:event_id>/", "admin/live/<int:event_id>/way/",
        "admin/trace/", "admin/quarantine/<int:sample_id>/trace/", "admin/trace/<path:message_id>/", "api/v1/events/<path:message_id>/trace/",
    }
}  # fmt: skip
"""Addresses of which all is of one category; the form in which a message is asked for is for everybody."""
TABS = re.compile(r"/tab/(visits|behaviour|social|consents)/")
BESIDES = {
    _P + "access/": Operation.PEOPLE_VIEW,
    _P + "events/<int:event_id>/": Operation.PEOPLE_VIEW,
    "admin/people/": Operation.PEOPLE_SEARCH,  # where a text is posted
}
"""What an address takes besides the operation that its screen declares."""
OF_KEYS = re.compile(
    r"admin/(catalogue|plans|quarantine|rejections|imports|connections|webhooks|live|trace|home)|api/v1/(catalogue|events)"
)
"""Where keys stand as what sources send, or in what somebody sent whole, and not as what is kept of a person."""

PSEUDONYM = re.compile(r"#[0-9a-f]{16}\b")
EXPLAINED = re.compile(
    r'<title>[^<]*</title>|<span class="hw-pseudonym" title="a pseudonym: .*?</span>#[0-9a-f]{16}</span>'
    r'|<span class="[^"]*hw-json" title="with pseudonyms, .*?</span>',
    re.DOTALL,
)
OTHERWISE = {
    **dict.fromkeys(("admin/account/access/", "admin/settings/roles/new/", "admin/settings/tokens/new/"), "an example beside its name"),
    _P + "events/<int:event_id>/": "JSON to be copied",
    "admin/quarantine/<int:sample_id>/": "JSON, where only that tells two values apart",
    _P + "tab/<slug:key>/": "the picture of the graph, with a legend",
    **dict.fromkeys((_P + "households/", "admin/households/"), "the name of a household, beside its value which says it"),
    "admin/reviews/<int:review_id>/": "the last events, below a name that says it",
}  # fmt: skip
"""Where pseudonyms stand that do not say themselves what they are, and what does."""

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
REST = [(path, method) for path, operations in SCHEMA["paths"].items() for method in operations]


def _screen_operations() -> dict[str, str]:
    return {f"admin/{screen.path}": screen.operation for screen in registered_screens()}


def _filled(address: str, values: dict[str, Any]) -> str:
    known = {name: values.get(name, 0) for name in VALUES}
    return address.format(**known)


def _pages(values: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, str] | None]]:
    """(route, operation, address, what is posted) of the pages that are measured, two of a route at most."""
    operations = _screen_operations()
    for route, addresses in MEASURED.items():
        if route in operations:
            for each in addresses[:2] if "tab/" not in route else addresses[::3]:
                address, data = (each, None) if isinstance(each, str) else each
                posted = data and {key: _filled(text, values) for key, text in data.items()}
                yield route, operations[route], _filled(address, values), posted


def _ask(posted: dict[str, str] | None, client: Client, address: str) -> Any:
    return client.get(address) if posted is None else client.post(address, posted)


def _send(method: str, client: Client, address: str) -> Any:
    body = b"" if method == "get" else b"{}"
    return client.generic(method.upper(), address, body, content_type="application/json")


def _is_hidden(visitor: Visitor, route: str, address: str, *, posts: bool) -> bool:
    if route == "admin/trace/" and not posts:
        return False
    return any(
        (route in routes or TABS.search(address)) and visitor.forms.of(category) is Form.HIDDEN
        for category, routes in SECTIONS.items()
    )


def _told(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace").lower()


def _problems(visitor: Visitor, route: str, text: str) -> Iterator[str]:
    """What stands in an answer and must not, by the form of each category."""
    for category in Category:
        form = visitor.forms.of(category)
        if form is not Form.CLEAR and MARKS[category] in text:
            place = text.index(MARKS[category])
            yield f"{category} is {form}: {' '.join(text[max(0, place - 120) : place + 60].split())}"
        if form is not Form.HASHED and (found := [each for each in pseudonyms(category) if each in text]):
            yield f"{category} is {form}, and its pseudonym {found} stands there"
        if form is Form.HIDDEN and KEYS.get(category, "\0") in text and not OF_KEYS.match(route):
            place = text.index(KEYS[category])
            yield f"a key of {category}, which is hidden, is named: {' '.join(text[max(0, place - 120) : place + 60].split())}"


def _tried(visitor: Visitor, client: Client, asked: Any) -> tuple[list[str], dict[str, str]]:
    """What went wrong, and all that was told, by address."""
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for route, operation, address, posts, send in asked:
        answer = send(client, address)
        needed = {operation, *([BESIDES[route]] if route in BESIDES and (posts or "<" in route) else [])}
        may = needed - {ANYBODY} <= visitor.operations and not _is_hidden(
            visitor, route, address, posts=posts
        )
        if may == (answer.status_code == HTTPStatus.FORBIDDEN):
            wrong.append(
                f"{address}: {answer.status_code}, though {operation} is {'' if may else 'not '}theirs"
            )
        if (
            answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            and answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE
        ):
            wrong.append(f"{address}: {answer.status_code}")
        text = _told(answer)
        wrong += [f"{address}: {each}" for each in _problems(visitor, route, text)]
        if answer.status_code == HTTPStatus.OK:
            seen[address] = text
    return wrong, seen


@pytest.mark.parametrize("role", ROLES)
def test_pages(visitor, values):
    asked = [
        (route, operation, address, posted is not None, partial(_ask, posted))
        for route, operation, address, posted in _pages(values)
    ]  # fmt: skip
    assert len(asked) > 120
    wrong, seen = _tried(visitor, visitor.staff, asked)
    assert wrong == []
    _told_what_they_may(visitor, seen)


@pytest.mark.parametrize("role", ["all hashed"])
def test_each_pseudonym_on_a_page_says_that_it_is_one(visitor, values):
    unexplained, explained = [], 0
    for route, _, address, posted in _pages(values):
        answer = _ask(posted, visitor.staff, address)
        if route in OTHERWISE or "html" not in answer.headers.get("Content-Type", ""):
            continue
        rest, found = EXPLAINED.subn("", _told(answer))
        explained += found
        unexplained += [
            f"{address}: {' '.join(rest[max(0, each.start() - 120) : each.end()].split())}"
            for each in PSEUDONYM.finditer(rest)
        ]
    assert unexplained == []
    assert explained > 50


@pytest.mark.parametrize("role", ROLES)
def test_rest(visitor, values):
    wrong, seen = _tried(visitor, visitor.program, list(_operations(values)))
    assert wrong == []
    _told_what_they_may(visitor, seen)


def _told_what_they_may(visitor: Visitor, seen: dict[str, str]) -> None:
    """What is clear or hashed was found somewhere: else nothing would have been tried."""
    if Operation.PEOPLE_VIEW not in visitor.operations:
        return
    everything = "\n".join(seen.values())
    for category in Category:
        form = visitor.forms.of(category)
        if form is Form.CLEAR:
            assert MARKS[category] in everything, category
        if form is Form.HASHED:
            assert any(each in everything for each in pseudonyms(category)), category


def _operations(values: dict[str, Any]) -> Iterator[Any]:
    """All of the REST API, each with the planted person or 1 in its address, and what is sent empty."""
    for path, method in REST:
        address = path.replace("{profile_id}", str(values["busy"])).replace(
            "{household_id}", str(values["club"])
        )
        address = address.replace("{message_id}", "known-1")
        address = re.sub(r"\{\w*(id|_id)\}", "1", address)
        address = re.sub(r"\{\w+\}", "weather", address)
        found = resolve(address)
        view: Any = found.func
        operation = str(view.view_class.operation)
        yield found.route, operation, address, method != "get", partial(_send, method)


@pytest.mark.parametrize("role", ROLES)
def test_tabs_of_hidden_sections_are_neither_offered_nor_opened(visitor, values):
    if Operation.PEOPLE_VIEW not in visitor.operations:
        return
    page = visitor.staff.get(f"/admin/people/{values['busy']}/").content.decode()
    is_hidden = visitor.forms.of(Category.BEHAVIOUR) is Form.HIDDEN
    for key in ("visits", "behaviour", "social", "consents"):
        address = f"/admin/people/{values['busy']}/tab/{key}/"
        assert (address in page) != is_hidden
        assert (visitor.staff.get(address).status_code == HTTPStatus.FORBIDDEN) == is_hidden
