"""A file goes in, is tried before, and is taken back, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_here

pytestmark = pytest.mark.browser

FILE = "user_id,email,city,name\n" + "".join(f"im{n},im{n}@example.com,York,Ina M{n}\n" for n in range(1, 6))


def test_a_file_is_tried_imported_and_taken_back(product, sign_in):
    product.start_worker()
    page = sign_in("administrator")
    page.goto("/admin/imports/new/")
    page.fill("[name=source]", "Old customers")
    page.set_input_files("#file", {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("button", name="Upload and preview").click()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#rehearsal")).to_contain_text("All 5 rows of the file")
    expect(page.locator("#rehearsal")).to_contain_text("people who are not known yet")
    assert violations_here(page) == []
    page.get_by_role("button", name="Start the import").first.click()
    expect(page.locator("#content")).to_contain_text("Done", timeout=60_000)
    page.reload()
    page.get_by_text("Undo this import").first.click()
    assert violations_here(page) == []
    number = re.search(r"imports/(\d+)/", page.url)
    assert number is not None
    page.fill("#undo-number", number[1])
    page.get_by_role("button", name="Undo the import").click()
    expect(page.locator("#content")).to_contain_text("Being undone")


def test_what_nobody_knows_is_said_where_one_asks(sign_in):
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    page.goto("/admin/live/")
    page.get_by_role("link", name="Trace an event").click()
    page.fill("#t-message", "never-sent")
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(page.locator("#content")).to_contain_text("No event with this message id")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
