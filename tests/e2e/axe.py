"""axe-core on a page: what is serious, in light and dark, on a desk and on a phone; and what a page could not load."""

from playwright.sync_api import Page, Response, ViewportSize

from tests.conftest import ROOT

AXE = ROOT / "tests" / "sdk" / "node_modules" / "axe-core" / "axe.min.js"
DESK, PHONE = (ViewportSize(width=width, height=900) for width in (1400, 390))
_RUN = """
async ([dark, runOnly]) => {
  document.documentElement.classList.toggle("dark", dark);
  const found = await axe.run(document, {resultTypes: ["violations"], runOnly});
  return found.violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")} (${each.nodes.length})`);
}
"""
_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
_COLOURS = {"type": "rule", "values": ["color-contrast"]}
# What another width can break: colours and the names of what is there stay.
_LAYOUT = {
    "type": "rule",
    "values": [
        "target-size", "scrollable-region-focusable", "aria-hidden-focus", "button-name", "link-name", "label", "select-name",
    ],
}  # fmt: skip


def violations_here(page: Page) -> list[str]:
    """Those of the page as it stands, which is left light and as wide as it was; and whether a phone shows all of it."""
    size = page.viewport_size
    assert size is not None
    page.evaluate(AXE.read_text())
    found = []
    for name, width, dark, rules in (
        ("desk", DESK, False, _ALL),
        ("desk, dark", DESK, True, _COLOURS),
        ("phone", PHONE, False, _LAYOUT),
    ):
        page.set_viewport_size(width)
        found += [f"{page.url}, {name}: {each}" for each in page.evaluate(_RUN, [dark, rules])]
    if (width_there := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        found.append(f"{page.url} is {width_there} pixels wide on a phone")
    page.set_viewport_size(size)
    return found


def violations(page: Page, path: str) -> list[str]:
    """Those of the page at this address."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    return violations_here(page)


def failures(page: Page) -> list[str]:
    """What could not be loaded from now on; a poll that the next page cut off is no failure."""
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
