"""A REST API is connected, looked at, kept and run, in a real browser; and its forms shut nobody out."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.test_workbench import can_be_read, shoot
from tests.ingestion.sources.rest.server import Api, Reply, customers
from tests.waiting import eventually

pytestmark = pytest.mark.browser

TOKEN = "t0ken-word"


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:6]


@pytest.fixture
def api(mark) -> Iterator[Api]:
    """An API with 45 customers on three pages, for whoever has the token."""
    table = [
        {**each, "email": f"{mark}-{each['id']}@example.com", "id": f"{mark}-{each['id']}"}
        for each in customers(1, 45)
    ]

    def answer(asked):
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply({"message": "unknown token"}, status=401)
        at = int(asked.query.get("page_token", "p0")[1:])
        return Reply(
            {"customers": table[at : at + 20], "next_page_token": f"p{at + 20}" if at + 20 < 45 else None}
        )

    with Api().running() as api:
        api.answer = answer
        yield api


def test_an_api_is_connected_and_its_records_are_on_the_page_of_their_person(sign_in, product, api, mark):
    product.start_worker()
    page = sign_in("administrator")
    page.set_default_timeout(60_000)
    page.goto("/admin/connections/new/?kind=rest")
    page.get_by_label("Name", exact=True).fill(f"Shop {mark}")
    page.get_by_label("Source").fill(f"Shop {mark}")
    page.get_by_label("Base URL").fill(f"{api.url}/v2")
    expect(page.locator("#token")).to_be_hidden()
    page.get_by_label("Authentication").select_option("bearer")
    page.locator("#token").fill("wrong")
    page.get_by_label("Path to try the login with").fill("/customers")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("has expired. Type a new one")
    shoot(page, "rest-connection")
    page.locator("#token").fill(TOKEN)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("link", name="Add what to read").click()
    expect(page.get_by_role("button", name="Keep it")).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("customers")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#its_path-error")).to_contain_text("Path is needed")
    page.get_by_label("Path", exact=True).fill("/customers")
    expect(page.get_by_label("JSON body")).to_be_hidden()
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_label("Where the token or address is")).to_have_value("next_page_token")
    expect(page.get_by_label("Where the records are")).to_have_value("customers")
    expect(page.get_by_label("New is what has a higher")).to_have_value("updated_at")
    expect(page.locator("#preview")).to_contain_text(f"{mark}-1@example.com")
    shoot(page, "rest-stream")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".hw-facts").first).to_contain_text("A token in the answer names the next page")
    kept = page.url
    page.get_by_role("button", name="Run now").click()
    plan = "SELECT traits ->> 'plan' FROM profiles_profile WHERE traits ->> 'email' = %s"
    eventually(lambda: product.rows(plan, f"{mark}-45@example.com") == [("gold",)], seconds=90)
    shoot(page, "rest-run")
    page.goto(f"{kept}settings/")
    expect(page.get_by_label("Path", exact=True)).to_have_value("/customers")
    can_be_read(page)
