"""The screens of control, in a browser: nobody may do here what their role does not say, and secrets show once."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SCREENS = {
    "/admin/privacy/audit/": "Audit trail",
    "/admin/privacy/suppressions/": "Suppressions",
    "/admin/settings/users/": "Users and roles",
    "/admin/settings/users/new/": "New user",
    "/admin/settings/tokens/": "API tokens",
    "/admin/settings/tokens/new/": "New API token",
}


def test_every_screen_opens_from_the_navigation_or_its_list(sign_in):
    page = sign_in("administrator")
    for address, title in SCREENS.items():
        page.goto(address)
        expect(page.locator("h1")).to_contain_text(title)
    for name in ("Audit trail", "Suppressions", "Users and roles", "API tokens"):
        expect(page.get_by_role("link", name=re.compile(name)).first).to_be_visible()


def test_a_token_is_copied_once_and_revoked(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/settings/tokens/new/")
    page.get_by_label("Name", exact=True).fill("Support desk")
    page.get_by_label("See people: traits, identifiers, timeline").check()
    page.get_by_label("Search for people").check()
    page.get_by_role("button", name="Create token").click()
    secret = page.locator("#token-secret").inner_text()
    assert secret.startswith("hw_")
    answer = page.request.get(
        "/api/v1/profiles/?identifier=user_id:nobody", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status in (200, 404)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name="Revoke …").first.click()
    page.get_by_role("button", name="Revoke the token").first.click()
    expect(page.get_by_text("is revoked")).to_be_visible()


def test_an_identifier_is_suppressed_and_its_value_is_nowhere(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/privacy/suppressions/")
    page.get_by_label("Kind").fill("email")
    page.get_by_label("Value").fill("gone@example.com")
    page.get_by_label("Reason").fill("asked for it")
    page.get_by_role("button", name="Suppress", exact=True).click()
    expect(page.get_by_text("asked for it")).to_be_visible()
    assert "gone@example.com" not in page.content()
    assert "gone" not in page.url
    page.get_by_role("button", name="Lift …").click()
    page.get_by_role("button", name="Lift it").click()
    expect(page.get_by_text("Nobody is suppressed")).to_be_visible()


def test_a_marketer_finds_none_of_it(sign_in):
    page = sign_in("marketer")
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Audit trail")).to_have_count(0)
    page.goto("/admin/settings/users/")
    expect(page.locator("h1")).to_contain_text("Not for your role")
    page = sign_in("administrator")
    page.goto("/admin/privacy/audit/?action=access.denied")
    expect(page.get_by_text("was refused: manage users and their roles").first).to_be_visible()
