"""The review queue worked off by keyboard alone, in a real browser."""

import uuid
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.browser

_LIVE = "SELECT p.public_id FROM profiles_identifier i JOIN profiles_profile p ON p.id = i.profile_id WHERE i.value = %s"


def _item(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": str(uuid.uuid4()), **fields}


def _holder(product: Product, value: str) -> object:
    rows = product.rows(_LIVE, value)
    return rows[0][0] if rows else None


@pytest.fixture
def users(product: Product) -> list[str]:
    """Three people who signed in on one tablet, so that two pairs wait; their user ids, in order."""
    tag = uuid.uuid4().hex[:8]
    users = [f"{name}-{tag}" for name in ("ada", "ben", "cas")]
    for number, user in enumerate(users):
        traits = {"name": user, "email": f"{user}@example.com", "plan": ("gold", "free")[number % 2]}
        product.send(_item("identify", anonymousId=f"tablet-{tag}", userId=user, traits=traits))
        eventually(partial(_holder, product, user), seconds=60)  # the next one comes after it
    return users


def _chosen(page: Page, row: Locator) -> None:
    """Go down the list by key until the row has the focus; other tests may have left pairs in it."""
    for _ in range(page.locator("[data-review]").count()):
        page.keyboard.press("j")
        if row.locator("[data-key=o]:focus").count():
            return
    raise AssertionError("no key led to the row")


def test_pairs_are_decided_without_a_mouse(sign_in, product, users):
    ada, ben, cas = users
    page = sign_in("administrator")
    page.goto("/admin/reviews/")
    rows = page.locator("[data-review]").filter(has_text=ada)
    expect(rows).to_have_count(2)
    _chosen(page, rows.nth(1))
    page.keyboard.press("k")
    expect(rows.nth(0).locator("[data-key=o]")).to_be_focused()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Are these two one person?")).to_be_visible()
    expect(page.locator(".hw-differs")).to_have_count(3)
    page.keyboard.press("?")
    expect(page.get_by_text("Keep them apart for ever")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.get_by_text("Merged: the two are one person now.")).to_be_visible()
    assert _holder(product, ada) == _holder(product, ben)
    page.keyboard.press("a")  # on the page of the next pair, which opened by itself
    expect(page.get_by_text("Kept apart:")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Taken back: the two wait for review again.")).to_be_visible()
    page.keyboard.press("l")
    expect(page.get_by_text("Put off:")).to_be_visible()
    assert _holder(product, ada) != _holder(product, cas)
