"""Rubbish sent to every form that the pages show. Whatever is sent, no answer is a fault of ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from streaming.screens import registered_screens
from tests.ingestion.admin.conftest import (  # noqa: F401 -- fixtures
    administrator,
    client_of,
    live_event,
    rejection,
    source,
)
from tests.ingestion.admin.test_catalogue import held, known, nothing_decided  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_connections import database, made, stream  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_imports import draft  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_webhooks import webhook  # noqa: F401 -- fixtures

RUBBISH = ("", "99999999999999999999", "é" * 5000, "[" * 5000)
_FIELDS = ("input", "select", "textarea", "button")


@dataclass
class Form:
    """A form of a page, with its fields as the page fills them."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms and the links of a page."""

    def __init__(self, address: str, content: str) -> None:
        super().__init__()
        self._address, self.forms, self.links = address.partition("?")[0], list[Form](), set[str]()
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action") or given.get("hx-post") or self._address
            self.forms.append(Form(action.partition("?")[0], given.get("method", "get").lower()))
        elif tag in _FIELDS and self.forms and given.get("name") not in (None, "", "csrfmiddlewaretoken"):
            self.forms[-1].fields.setdefault(given["name"], given.get("value", ""))
        for link in (given.get(name, "") for name in ("href", "hx-get")):
            if link.startswith(("/admin/", "?")):
                self.links.add(link if link.startswith("/") else self._address + link)


def _kind(address: str) -> tuple[str, frozenset[str]]:
    """Addresses of one kind differ in ids and values only."""
    parts = urlsplit(address)
    return re.sub(r"\d+|[0-9a-f-]{20,36}", "N", parts.path), frozenset(
        name for name, _ in parse_qsl(parts.query)
    )


def _pages(client: Client) -> Iterator[Page]:
    """Every kind of page that leads on from the navigation."""
    waiting = [
        "/admin/",
        *(f"/admin/{screen.path}" for screen in registered_screens() if "<" not in screen.path),
    ]
    seen = set()
    while waiting:
        address = waiting.pop()
        if _kind(address) in seen or "logout" in address:
            continue
        seen.add(_kind(address))
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            page = Page(address, answer.content.decode())
            waiting += sorted(page.links)
            yield page


@pytest.fixture
def forms(administrator, source) -> list[Form]:  # noqa: F811
    """One of each kind; those that end something come last."""
    held(source, "12.5", "much")
    found = {
        (_kind(form.action), frozenset(form.fields)): form
        for page in _pages(administrator)
        for form in page.forms
        if form.method in ("get", "post") and "logout" not in form.action
    }
    ends = re.compile(r"disable|revoke|deactivate|roles|remove|discard|cancel|stop")
    return sorted(found.values(), key=lambda form: bool(ends.search(form.action)))


@pytest.mark.usefixtures("live_event", "rejection", "known", "stream", "draft", "webhook")
def test_no_form_is_at_a_loss(administrator, forms, monkeypatch):  # noqa: F811
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
    administrator.raise_request_exception = False
    assert len(forms) > 60
    faults = []
    for form in forms:
        send = administrator.post if form.method == "post" else administrator.get
        filled = [{}, *(dict.fromkeys(form.fields, text) for text in RUBBISH), form.fields, form.fields]
        for fields in filled:
            answer = send(form.action, fields)
            if answer.streaming:
                assert b"".join(answer.streaming_content), "a file that is read to its end is closed"
            if answer.status_code >= 500:
                faults.append((form.action, fields))
    assert faults == []
