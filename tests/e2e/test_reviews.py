"""The review queue worked off by keyboard alone, and a link withdrawn, in a real browser."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import Product
from tests.ingestion.collector.serving import eventually

pytestmark = pytest.mark.browser

_LIVE = "SELECT p.public_id FROM profiles_identifier i JOIN profiles_profile p ON p.id = i.profile_id WHERE i.value = %s"


def _item(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": str(uuid.uuid4()), **fields}


def _holder(product: Product, value: str) -> object:
    rows = product.rows(_LIVE, value)
    return rows[0][0] if rows else None


@pytest.fixture
def tablet(product: Product) -> list[str]:
    """Four people who signed in on one tablet, so that three pairs wait; their user ids, in order."""
    tag = uuid.uuid4().hex[:8]
    users = [f"{name}-{tag}" for name in ("ada", "ben", "cas", "dot")]
    for number, user in enumerate(users):
        traits = {
            "name": f"{user.title()}",
            "email": f"{user}@example.com",
            "plan": ("gold", "free")[number % 2],
        }
        product.send(
            _item("identify", anonymousId=f"tablet-{tag}", userId=user, traits=traits),
            _item(
                "track",
                anonymousId=f"tablet-{tag}",
                userId=user,
                event="Product Viewed",
                properties={"name": "Duffel"},
            ),
        )
        eventually(lambda user=user: _holder(product, user), seconds=60)
    return users


def _press(page: Page, key: str) -> None:
    page.keyboard.press(key)


def test_pairs_are_decided_without_a_mouse(sign_in, product, tablet):
    ada, ben, cas, dot = tablet
    page = sign_in("administrator")
    page.goto("/admin/reviews/")
    expect(page.locator("[data-review]")).to_have_count(3)
    _press(page, "j")
    _press(page, "j")
    _press(page, "k")
    expect(page.locator("[data-review]").first.locator("[data-key=o]")).to_be_focused()
    _press(page, "o")
    expect(page.get_by_role("heading", name="Are these two one person?")).to_be_visible()
    expect(page.locator(".hw-differs")).to_contain_text(["Email", "Name", "Plan"], use_inner_text=True)
    _press(page, "?")
    expect(page.get_by_text("Keep them apart for ever")).to_be_visible()
    _press(page, "Escape")
    _press(page, "m")
    expect(page.get_by_text("Merged: the two are one person now.")).to_be_visible()
    assert _holder(product, ada) == _holder(product, ben)
    _press(page, "a")
    expect(page.get_by_text("Kept apart:")).to_be_visible()
    _press(page, "l")
    expect(page.get_by_text("Put off:")).to_be_visible()
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    _press(page, "u")
    expect(page.get_by_text("Taken back: the two wait for review again.")).to_be_visible()
    assert len({_holder(product, user) for user in (ada, cas, dot)}) == 3


def test_a_link_is_withdrawn_after_a_look_at_what_comes_of_it(sign_in, product):
    tag = uuid.uuid4().hex[:8]
    product.send(
        _item("track", anonymousId=f"phone-{tag}", event="Product Viewed", properties={"name": "Duffel"})
    )
    product.send(
        _item("identify", anonymousId=f"phone-{tag}", userId=f"eve-{tag}", traits={"name": f"Eve {tag}"})
    )
    eventually(
        lambda: _holder(product, f"eve-{tag}") == _holder(product, f"phone-{tag}") is not None, seconds=60
    )
    page = sign_in("administrator")
    page.goto(f"/admin/people/{_holder(product, f'eve-{tag}')}/why/")
    page.get_by_role("link", name="Withdraw …").click()
    expect(page.get_by_text("This person becomes 2.")).to_be_visible()
    page.get_by_label("Why").fill("lent to a guest")
    page.get_by_role("button", name="Withdraw the link").click()
    expect(page.get_by_text("they are different people now")).to_be_visible()
    expect(page.get_by_text(re.compile("administrator decided so: lent to a guest"))).to_be_visible()
    assert _holder(product, f"eve-{tag}") != _holder(product, f"phone-{tag}")
