"""Every screen of the navigation, light and dark, on a desk and on a phone: axe-core finds nothing serious, and
nothing fails to load.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, Response

from tests.conftest import ROOT
from tests.e2e.product import Product

pytestmark = pytest.mark.browser

AXE = ROOT / "tests" / "sdk" / "node_modules" / "axe-core" / "axe.min.js"
BESIDE = [
    "/admin/inbox/",
    "/admin/inbox/?show=all",
    "/admin/runbooks/consumers/",
]  # in no section of the navigation
WIDTHS = (1400, 400)
_RUN = """
async ([dark]) => {
  document.documentElement.classList.toggle("dark", dark);
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: dark ? {type: "rule", values: ["color-contrast"]} : {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]},
  });
  return found.violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")} (${each.nodes.length})`);
}
"""


@pytest.fixture
def seen(product: Product) -> None:
    """Something that pages show."""
    product.send(
        {"type": "identify", "userId": "axe-1", "messageId": "axe-1", "traits": {"name": "Axel", "city": "Leeds"}},
        {"type": "track", "userId": "axe-1", "messageId": "axe-2", "event": "Ordered"},
    )  # fmt: skip
    product.wait_for_people(1)


def test_no_screen_shuts_anybody_out(sign_in: Any, product: Product, seen: None) -> None:
    assert AXE.is_file(), "axe-core is missing: bin/setup test installs it"
    page = sign_in("administrator", viewport={"width": WIDTHS[0], "height": 900})
    failed = _failures(page)
    page.goto("/admin/")
    screens = page.eval_on_selector_all(
        "#nav-sidebar-apps a", "links => links.map((link) => link.getAttribute('href'))"
    )
    assert len(screens) > 15
    assert len(set(screens)) == len(screens)
    violations = [problem for path in [*screens, *BESIDE] for problem in _violations(page, path)]
    assert violations == []
    assert failed == []


def _violations(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    page.evaluate(AXE.read_text())
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            found += [
                f"{path} at {width}{', dark' if dark else ''}: {each}" for each in page.evaluate(_RUN, [dark])
            ]
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found


def _failures(page: Page) -> list[str]:
    """What could not be loaded; a poll that the next page cut off is no failure."""
    failed: list[str] = []

    def heard(answer: Response) -> None:
        if answer.status >= 400:
            failed.append(f"{answer.status} {answer.url}")

    page.on("response", heard)
    page.on(
        "requestfailed",
        lambda request: None if "ERR_ABORTED" in str(request.failure) else failed.append(f"{request.failure} {request.url}"),
    )  # fmt: skip
    return failed
