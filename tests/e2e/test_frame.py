"""The frame of every screen in a browser where no script may evaluate (docs/adr/0143): navigation, account, theme, search."""

import re
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from tests.e2e.axe import DESK, PHONE

pytestmark = pytest.mark.browser

# Read whole and not done: what stands behind `false &&` is only parsed.
UNREAD = """
() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes])
  .filter(({name, value}) => value && /^(x-(data|init|show|text|bind|on|model)|@|:)/.test(name))
  .filter(({value}) => Alpine.evaluate(document.body, `false && (${value})`) !== false)
  .map(({name, value}) => `${name}: ${value}`)
"""
SET = "([selector, name, value]) => { Alpine.$data(document.querySelector(selector))[name] = value; }"
KEPT = "localStorage.getItem('sidebarDesktopOpen')"
DARK = re.compile(r"\bdark\b")


def opened(sign_in: Any, viewport: Any = DESK) -> Page:
    """The administrator's home."""
    page: Page = sign_in("administrator", viewport=viewport)
    page.goto("/admin/")
    page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
    return page


def test_every_expression_of_the_theme_can_be_read(sign_in: Any) -> None:
    page = opened(sign_in)
    assert page.evaluate("Alpine.version") == "3.17.4"
    assert page.evaluate(UNREAD) == []


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_the_account_and_the_theme(sign_in: Any, viewport: Any) -> None:
    page = opened(sign_in, viewport)
    root, navigation = page.locator("html"), page.locator("#nav-sidebar")

    def menu() -> None:
        if viewport is PHONE:
            page.get_by_role("button", name="Navigation").click()
        navigation.get_by_text("administrator", exact=True).click()

    menu()
    expect(navigation.get_by_text("Log out")).to_be_visible()
    for theme, is_dark in (("Dark", True), ("Light", False), ("Dark", True)):
        navigation.get_by_text(theme, exact=True).click()
        expect(root).to_have_class(DARK) if is_dark else expect(root).not_to_have_class(DARK)
    page.reload()
    expect(root).to_have_class(DARK)
    page.keyboard.press("Control+e")
    expect(root).not_to_have_class(DARK)
    menu()
    navigation.get_by_text("System", exact=True).click()
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(root).to_have_class(DARK)
    menu()
    navigation.locator("h2").first.click()
    expect(navigation.get_by_text("Log out")).to_be_hidden()


def test_the_navigation_on_a_phone(sign_in: Any) -> None:
    page = opened(sign_in, PHONE)
    navigation = page.locator("#nav-sidebar")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Navigation").click()
    expect(navigation).to_be_visible()
    navigation.get_by_text("close", exact=True).click()
    expect(navigation).to_be_hidden()


def test_a_browser_keeps_whether_the_navigation_is_open(sign_in: Any) -> None:
    page = opened(sign_in)
    navigation = page.locator("#nav-sidebar")
    expect(navigation).to_be_visible()
    for is_open in (False, True):
        page.evaluate(SET, ["body", "sidebarDesktopOpen", is_open])
        page.wait_for_function(f"{KEPT} === '{int(is_open)}'")
        page.reload()
        expect(navigation).to_be_visible(visible=is_open)


def test_the_search_for_screens(sign_in: Any) -> None:
    page = opened(sign_in)
    field = page.locator("#search-input-command")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    with page.expect_response("**/admin/search/*"):
        page.keyboard.type("nowhere")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.mouse.click(5, 450)
    expect(field).to_be_hidden()


def test_what_the_search_finds_is_chosen_by_keys(sign_in: Any) -> None:
    """No screen of Headwater is found by the theme's search; its own list stands for one."""
    page = opened(sign_in)
    found = Paginator([{"title": name, "link": f"/admin/{name}/"} for name in ("people", "inbox")], 100)
    listed = render_to_string(
        "unfold/helpers/command_results.html",
        {"results": found.page(1), "page_obj": found, "page_counter": 0},
    )
    page.route("**/admin/search/*", lambda route: route.fulfill(body=listed, content_type="text/html"))
    page.keyboard.press("Control+k")
    page.keyboard.type("in")
    rows = page.locator("#command-results-list li")
    expect(rows).to_have_count(2)
    expect(page.get_by_text("Found 2 results")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_class(re.compile(r"\bactive\b"))
    rows.nth(0).hover()
    expect(rows.nth(0)).to_have_class(re.compile(r"\bactive\b"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/inbox/")


def test_the_dialog_of_the_theme(sign_in: Any) -> None:
    page = opened(sign_in)
    overlay = page.locator("#modal-overlay")
    expect(overlay).to_be_hidden()
    page.evaluate(SET, ["html", "openModal", True])
    expect(overlay).to_be_visible()
    page.keyboard.press("Escape")
    expect(overlay).to_be_hidden()
