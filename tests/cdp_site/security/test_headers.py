"""What every answer tells the browser: whose scripts and styles run, who may frame it, and that nobody keeps it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.conf import settings as live
from django.template.base import Template
from django.test import Client

from benchmarks._addresses import MEASURED
from benchmarks._unmeasured import DJANGOS, POSTED
from tests.conftest import ROOT
from tests.ingestion.admin.conftest import administrator, client_of, live_event, rejection, source  # noqa: F401 -- fixtures
from tests.profiles.people import builder, jane  # noqa: F401 -- fixtures
from tests.rest import api, client_with  # noqa: F401 -- fixtures

_EXAMPLES = {"uuid": "8d7c5f5e-0000-4000-8000-000000000000", "int": "1", "slug": "a", "str": "a", "path": "a"}
_STYLED = re.compile(
    r"<style[\s>]|<[a-z][^<>]*\sstyle=|<script(?![^>]*\ssrc=)[^>]*>\s*\S|\son[a-z]+=[\"']", re.IGNORECASE
)


def _routes() -> Iterator[str]:
    for route in sorted({*MEASURED, *POSTED, *DJANGOS} - {"admin/logout/"}):
        yield "/" + re.sub(r"<(\w+):\w+>", lambda found: _EXAMPLES[found[1]], route)


def _faults(address: str, headers) -> Iterator[str]:
    policy = headers.get("Content-Security-Policy", "")
    expected = {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    for name, value in expected.items():
        if headers.get(name) != value:
            yield f"{address}: {name} is {headers.get(name)}"
    if "frame-ancestors 'none'" not in policy or "default-src" not in policy:
        yield f"{address}: the policy is {policy}"
    if "unsafe-" in policy or "*" in policy or "http:" in policy:
        yield f"{address}: the policy allows too much: {policy}"
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield f"{address}: Permissions-Policy is {headers.get('Permissions-Policy')}"
    if "no-store" not in headers.get("Cache-Control", "") and "jsi18n" not in address:
        yield f"{address}: Cache-Control is {headers.get('Cache-Control')}"


def _inline(address: str, answer) -> Iterator[str]:
    """What the policy would keep the browser from, so that the page would look or work otherwise than meant."""
    if "html" in answer.headers.get("Content-Type", "") and not answer.streaming:
        for found in _STYLED.finditer(answer.content.decode()):
            yield f"{address}: {answer.content.decode()[found.start() : found.start() + 120]}"


@pytest.mark.usefixtures("live_event", "rejection")
def test_every_route_answers_with_them(administrator):  # noqa: F811
    administrator.raise_request_exception = False
    faults: list[str] = []
    pages = 0
    for address in [*_routes(), "/", "/nothing", "/api/nothing", "/admin/nothing/"]:
        answer = administrator.get(address)
        pages += answer.status_code == 200
        faults += [*_faults(address, answer.headers), *_inline(address, answer)]
        faults += [f"{address}: {answer.status_code}"] * (answer.status_code >= 500)
    assert faults == []
    assert pages > 70


def test_answers_to_tokens_and_to_nobody_have_them_too(api, jane):  # noqa: F811
    addresses = [address for address in _routes() if address.startswith("/api/v1/")]
    faults: list[str] = []
    for client in (api, Client()):
        for address in [*addresses, f"/api/v1/profiles/{jane.public_id}/", "/api/v1/nothing"]:
            faults += _faults(address, client.get(address).headers)
    faults += [
        fault
        for address in ("/admin/login/", "/admin/", "/admin/people/")
        for fault in _faults(address, Client().get(address).headers)
    ]
    assert faults == []


def _once_broken(render: Callable[..., str]) -> Callable[..., str]:
    """Fails when it is first called."""
    calls = count()

    def broken(*args, **options) -> str:
        if next(calls) == 0:
            raise RuntimeError("a fault put in")
        return render(*args, **options)

    return broken


def test_error_pages_have_them(administrator, monkeypatch):  # noqa: F811
    administrator.raise_request_exception = False
    forgery = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    stranger = administrator.get("/admin/", headers={"host": "elsewhere.example.com"})
    monkeypatch.setattr("django.template.base.Template.render", _once_broken(Template.render))
    fault = administrator.get("/admin/sources/")
    assert (forgery.status_code, stranger.status_code, fault.status_code) == (403, 400, 500)
    for answer in (forgery, stranger, fault):
        assert [*_faults("/admin/", answer.headers), *_inline("/admin/", answer)] == []


def test_static_files_may_be_kept():
    answer = Client().get("/static/headwater/headwater.css")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]


_BEHIND_TLS = """
import json
import django
django.setup()
from django.test import Client
client = Client(enforce_csrf_checks=True, headers={"host": "cdp.example.com"})
addresses = ("/admin/login/", "/api/v1/profiles/", "/api/nothing", "/static/headwater/headwater.css", "/nothing")
secure = {each: dict(client.get(each, secure=True).headers) for each in addresses}
cookies = {name: {**morsel} for name, morsel in client.cookies.items()}
plain = client.get("/admin/login/")
print(json.dumps([secure, cookies, plain.status_code, plain.headers.get("Location")]))
"""


def test_behind_tls_browsers_are_told_to_stay_there(migrated_template):
    done = subprocess.run(
        [sys.executable, "-c", _BEHIND_TLS], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        env={
            **os.environ, "PUBLIC_URL": "https://cdp.example.com", "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
            "DATABASE_URL": migrated_template.url,
        },
    )  # fmt: skip
    answers, cookies, status, location = json.loads(done.stdout)
    for address, headers in answers.items():
        assert headers["Strict-Transport-Security"] == "max-age=31536000", address
        assert headers["X-Content-Type-Options"] == "nosniff", address
    assert cookies.keys() == {"__Host-csrftoken"}
    (cookie,) = cookies.values()
    assert (cookie["secure"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (status, location) == (301, "https://cdp.example.com/admin/login/")


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites():
    assert live.SESSION_COOKIE_HTTPONLY
    assert live.SESSION_COOKIE_SAMESITE == "Lax"
    assert live.SESSION_COOKIE_AGE <= 12 * 3600
    assert live.SESSION_EXPIRE_AT_BROWSER_CLOSE
