"""What the theme's Alpine.js reads is the same on every page: nothing of anybody, and nothing that was typed, stands in it.

It is read by the build that evaluates nothing, in the place of the theme's own (docs/adr/0143). What that build cannot read
stands here as the theme says it, and as it can be read in templates/static/headwater/components.js.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from tests.cdp_site.permissions.test_matrix import _ask, _pages

ATTRIBUTE = re.compile(r"\s(x-[a-z:.\-]+|@[a-z.\-]+|:[a-z\-]+)=(?:\"([^\"]*)\"|'([^']*)')")
RELEASED = "0d18d7f8d7910e2e0212f0f056b12f50bebc3abb7d88d2f7c7cb4c336fe4519a"
"""The SHA-256 of dist/cdn.min.js in @alpinejs/csp 3.17.4."""

ENTER = "x-on:keydown.enter.prevent"
SIDEBAR = (
    "{ sidebarMobileOpen: false, sidebarDesktopOpen: (localStorage.getItem('sidebarDesktopOpen') !== null) ? "
    "(localStorage.getItem('sidebarDesktopOpen') == '1') : true }"
)
WATCH = (
    "activeTab = ''; "
    "$watch('sidebarDesktopOpen', value => localStorage.setItem('sidebarDesktopOpen', value ? '1' : '0'));"
)
RESTATED = {
    ("x-data", "theme()"),
    ("x-data", "searchCommand()"),
    ("x-data", SIDEBAR),
    ("x-init", WATCH),
    (ENTER, "if (!$event.metaKey && !$event.ctrlKey) selectItem(false, false)"),
}
READ = {("x-data", "{ openUserLinks: false }")}


@pytest.fixture
def role() -> str:
    """Who sees everything."""
    return "administrator"


def read(answer: Any) -> set[tuple[str, str]]:
    """The attributes of Alpine in a page, with what is read there."""
    found = ATTRIBUTE.findall(answer.content.decode())
    return {(name, " ".join((double or single).split())) for name, double, single in found}


def test_each_page_has_the_same_expressions_whoever_it_is_about(visitor, values):
    home = read(visitor.staff.get("/admin/"))
    others: dict[str, set[tuple[str, str]]] = {}
    pages = 0
    for _, _, address, posted in _pages(values):
        answer = _ask(posted, visitor.staff, address)
        if "html" in answer.headers.get("Content-Type", ""):
            pages += 1
            others |= {address: more} if (more := read(answer) - home) else {}
    assert others == {}
    assert pages > 100
    assert ("x-data", "theme()") in home


def test_what_is_restated_stands_in_the_theme_as_it_was(visitor):
    """When this fails after an update of the theme, say in components.js what it says now."""
    home = read(visitor.staff.get("/admin/"))
    assert {each for each in home if each[0] in ("x-data", "x-init", ENTER)} == RESTATED | READ


def test_the_theme_gets_the_build_that_evaluates_nothing():
    path = finders.find("unfold/js/alpine/alpine.js")
    assert isinstance(path, str)
    script = Path(path).read_bytes()
    assert hashlib.sha256(script).hexdigest() == RELEASED
    assert not re.search(rb"new Function|async function ?\(\) ?\{\}|\beval\(", script)
