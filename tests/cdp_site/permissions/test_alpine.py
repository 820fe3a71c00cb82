"""What the theme's Alpine.js evaluates is the same on every page: nothing of anybody, and nothing that was typed, stands in it.

That bounds what 'unsafe-eval' below /admin/ opens (docs/threat-model.md).
"""

import re
from typing import Any

import pytest

from tests.cdp_site.permissions.test_matrix import _ask, _pages

ATTRIBUTE = re.compile(r"\s(x-[a-z:.\-]+|@[a-z.\-]+|:[a-z\-]+)=(?:\"([^\"]*)\"|'([^']*)')")


@pytest.fixture
def role() -> str:
    """Who sees everything."""
    return "administrator"


def evaluated(answer: Any) -> set[tuple[str, str]]:
    """The attributes of Alpine in a page, with what is evaluated."""
    found = ATTRIBUTE.findall(answer.content.decode())
    return {(name, double or single) for name, double, single in found}


def test_each_page_has_the_same_expressions_whoever_it_is_about(visitor, values):
    home = evaluated(visitor.staff.get("/admin/"))
    others: dict[str, set[tuple[str, str]]] = {}
    pages = 0
    for _, _, address, posted in _pages(values):
        answer = _ask(posted, visitor.staff, address)
        if "html" in answer.headers.get("Content-Type", ""):
            pages += 1
            others |= {address: more} if (more := evaluated(answer) - home) else {}
    assert others == {}
    assert pages > 100
    assert ("x-data", "theme()") in home
