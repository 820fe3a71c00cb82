"""The pictures of docs/screenshots, taken anew of a demo that runs: `make screenshots`."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.conftest import ROOT
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

FOLDER = ROOT / "docs" / "screenshots"
ACCESS = Path(os.environ.get("HEADWATER_HOME", ROOT / ".headwater")) / "access.json"
CUSTOMER = "user_id:ho-0230"
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}


def home(page: Page) -> None:
    """How things are today."""
    page.goto("/admin/")
    expect(page.locator("#home-cards")).to_contain_text("profiles")


def person(page: Page) -> None:
    """A customer of whom much is known; the shop's history is the same in each demo."""
    page.goto("/admin/people/")
    page.get_by_label("Find people").fill(CUSTOMER)
    page.get_by_role("button", name="Search").click()
    expect(page.locator("h1")).to_contain_text("Customer")
    expect(page.locator(".hw-beside .hw-who")).not_to_have_count(0)
    page.locator(".hw-fold summary").first.click()
    page.mouse.move(0, 0)


def live(page: Page) -> None:
    """Events as they arrive."""
    page.goto("/admin/live/")
    expect(page.locator("#live-rows tr").nth(12)).to_be_visible()


def source(page: Page) -> None:
    """The shop with its snippets."""
    page.goto("/admin/sources/")
    page.get_by_role("link", name="Harbour Outfitters").first.click()
    expect(page.locator("#snippet-browser")).to_be_visible()


def pipeline(page: Page) -> None:
    """Topics and consumers as a graph."""
    page.goto("/admin/topics/")
    expect(page.locator(".hw-graph-consumer").first).to_be_visible()


PICTURES: tuple[Callable[[Page], None], ...] = (home, person, live, source, pipeline)


def main() -> None:
    """Take all of them."""
    if not ACCESS.is_file():
        sys.exit(f"{ACCESS} is not there: start `make demo` first, and let it run")
    access = json.loads(ACCESS.read_bytes())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = _signed_in(
            browser.new_page(base_url=access["url"], viewport=VIEWPORT), access["users"]["administrator"]
        )
        for picture in PICTURES:
            picture(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{picture.__name__}.png")
        browser.close()


def _signed_in(page: Page, login: dict[str, Any]) -> Page:
    page.goto("/admin/login/")
    page.fill("[name=username]", login["username"])
    page.fill("[name=password]", login["password"])
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    return page


if __name__ == "__main__":
    main()
