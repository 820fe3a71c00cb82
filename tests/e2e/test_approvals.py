"""Roles and approvals in a browser: a role is copied and changed after a look at what that does; two people for one change."""

import re

import pytest
from playwright.sync_api import expect

from compliance.domain.seeds import ADMINISTRATOR
from tests.e2e.axe import violations_here

pytestmark = pytest.mark.browser


def test_a_role_is_made_looked_at_and_told_of(sign_in):
    page = sign_in(ADMINISTRATOR)
    page.goto("/admin/settings/roles/")
    page.get_by_role("link", name="Copy marketer").click()
    page.get_by_label("Name", exact=True).fill("seller")
    page.locator("input[name=form-contact][value=hashed]").check()
    page.get_by_role("button", name="See what this does").click()
    expect(page.get_by_text("nobody has it until it is given")).to_be_visible()
    assert violations_here(page) == []
    page.get_by_role("button", name="Save the role").click()
    expect(page.locator("h1")).to_contain_text("Role seller")
    expect(page.get_by_text("Contact: — → as pseudonyms")).to_be_visible()
    assert violations_here(page) == []
    page.goto("/admin/account/access/")
    expect(page.get_by_text("hay fever")).to_be_visible()
    assert violations_here(page) == []


@pytest.fixture
def no_policy_left(product):
    """Other tests share the product: nothing takes a second person before, and after."""
    yield
    with product.database.connect() as session:
        session.execute("DELETE FROM compliance_approvalpolicy")
        session.execute("DELETE FROM compliance_approval")


def test_one_asks_and_another_one_decides(sign_in, no_policy_left):
    ada, dora = sign_in(ADMINISTRATOR), sign_in("DPO")
    ada.goto("/admin/privacy/approvals/settings/")
    ada.get_by_label("Change of a role").check()
    assert violations_here(ada) == []
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()

    ada.goto("/admin/settings/roles/")
    ada.get_by_role("link", name="support agent", exact=True).click()
    ada.get_by_label("Search for people").uncheck()
    ada.get_by_role("button", name="See what this does").click()
    ada.get_by_role("textbox", name="Why").fill("They look people up by their order")
    ada.get_by_role("button", name="Ask for it").click()
    expect(ada.get_by_text("somebody else has to decide")).to_be_visible()
    expect(ada.get_by_role("button", name="Approve")).to_have_count(0)
    address = ada.url

    dora.goto("/admin/")
    expect(dora.locator("#nav-sidebar").get_by_role("link", name=re.compile("Approvals"))).to_contain_text(
        "1"
    )
    dora.goto("/admin/privacy/approvals/")
    expect(dora.get_by_text("1 waits for you to decide")).to_be_visible()
    assert violations_here(dora) == []
    dora.get_by_role("link", name="Change of a role").first.click()
    expect(dora.get_by_text("They look people up by their order")).to_be_visible()
    assert violations_here(dora) == []
    dora.get_by_role("button", name="Approve").click()
    expect(dora.get_by_text("Approved, and done.")).to_be_visible()
    expect(dora.get_by_role("button", name="Approve")).to_have_count(0)

    ada.goto(address)
    expect(ada.get_by_text("DPO decided")).to_be_visible()
    ada.goto("/admin/settings/roles/")
    ada.get_by_role("link", name="support agent", exact=True).click()
    expect(ada.get_by_label("Search for people")).not_to_be_checked()
