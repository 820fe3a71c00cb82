"""What a person declares is recorded on their page, and purposes are changed, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_people import someone  # noqa: F401 -- a fixture

pytestmark = pytest.mark.browser


def test_consent_is_given_withdrawn_by_one_button_and_told_in_the_history(sign_in, someone):  # noqa: F811
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/tab/consents/")
    page.get_by_role("button", name="Record consent: Send marketing").click()
    page.locator("dialog[open]").get_by_label("Proof").fill("form 7")
    page.locator("dialog[open]").get_by_role("button", name="Record consent").click()
    row = page.locator("tr", has_text="needs consent").filter(has_text="Send marketing")
    expect(row).to_contain_text("Granted")
    page.get_by_role("button", name="Withdraw: Send marketing").press("Enter")
    expect(row).to_contain_text("Refused")
    history = page.get_by_role("region", name="History of consents")
    expect(history.locator("tbody tr")).to_have_count(2)
    expect(history).to_contain_text("form 7")
    expect(page.get_by_label("Consents", exact=True).first).to_contain_text("Send marketing refused")


def test_processing_is_restricted_with_a_reason_and_lifted(sign_in, someone):  # noqa: F811
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/tab/consents/")
    page.get_by_role("button", name="Restrict processing").click()
    page.locator("dialog[open]").get_by_label("Reason").fill("the address is disputed")
    page.locator("dialog[open]").get_by_role("button", name="Restrict").click()
    expect(page.get_by_text("Processing is restricted.")).to_be_visible()
    page.get_by_role("button", name="Lift the restriction").click()
    page.locator("dialog[open]").get_by_label("Reason").fill("settled")
    page.get_by_role("button", name="Lift it").click()
    expect(page.get_by_text("Processing is restricted.")).to_be_hidden()


def test_a_purpose_gets_a_text_and_another_ground(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/privacy/purposes/")
    page.get_by_role("link", name="Understand use").click()
    page.get_by_label("Version").fill("2026-1")
    page.get_by_label("Text", exact=True).fill("We count visits to improve the shop.")
    page.get_by_role("button", name="Keep this version").click()
    expect(page.locator("#texts").locator("xpath=ancestor::section")).to_contain_text("We count visits")
    page.get_by_label("Legal basis").select_option("legitimate_interests")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#changes").locator("xpath=ancestor::section")).to_contain_text(
        "consent → legitimate interests"
    )
