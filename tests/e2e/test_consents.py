"""What a person declares is recorded on their page, and purposes are changed, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_here
from tests.e2e.test_people import someone  # noqa: F401 -- a fixture

pytestmark = pytest.mark.browser


def test_consent_is_given_withdrawn_by_one_button_and_told_in_the_history(sign_in, someone):  # noqa: F811
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/tab/consents/")
    page.get_by_role("button", name="Record consent: Send marketing").click()
    page.locator("dialog[open]").get_by_label("Proof").fill("form 7")
    page.locator("dialog[open]").get_by_role("button", name="Record consent").click()
    row = page.locator("tr", has_text="rests on consent").filter(has_text="Send marketing")
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


def test_what_is_offered_follows_from_the_basis_of_each_purpose(sign_in, someone):  # noqa: F811
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    page.goto(f"/admin/people/{someone.id}/tab/consents/")
    service = page.locator("tr", has_text="Provide the service")
    expect(service).to_contain_text("Processing as a whole can be restricted")
    expect(service.get_by_role("button")).to_have_count(0)
    offered = page.locator("tr", has_text="Personalise").get_by_role("button")
    expect(offered.filter(visible=True)).to_have_text(["Refuse", "Consent …"])


def test_consent_signals_are_proposed_tried_on_an_example_and_kept(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/sources/")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="What its consent signals mean").click()
    page.get_by_role("link", name="Propose").click()
    expect(page.get_by_label("ad_storage: Advertise")).to_be_checked()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Refused")
    page.get_by_label("An event as your site sends it").fill('{"consent": {"ad_storage": "granted"}}')
    expect(preview.locator("dl")).to_have_text("AdvertiseGranted")
    page.get_by_label("Further category 1", exact=True).fill("Club 9")
    page.get_by_label("Further category 1: Send marketing").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("club_9: Send marketing")).to_be_checked()
    assert violations_here(page) == []
