"""A webhook is made, tried and mapped in a real browser: the preview renews while the mapping is typed."""

import hmac
import json
import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_here
from tests.waiting import eventually

pytestmark = pytest.mark.browser

_PAYLOADS = """
SELECT count(*) FROM ingestion_webhookpayload p JOIN ingestion_webhook w ON w.id = p.webhook_id WHERE w.name = %s
"""


def test_a_webhook_is_made_tried_and_mapped(sign_in, product):
    page = sign_in("administrator")
    name = f"Shop {uuid.uuid4().hex[:6]}"
    page.goto("/admin/webhooks/new/")
    page.get_by_role("link", name="Something else").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("The sender proves itself by").select_option("github")
    page.get_by_role("button", name="Create webhook").click()
    secret = page.locator("#secret-shown").text_content()
    address = page.locator("#address").text_content()
    assert secret
    assert address

    body = json.dumps({"id": "o-1", "total": "a lot", "customer": {"id": 7}, "note": "by the lake"}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    path = address.removeprefix(product.url)

    def send():
        return product.server.request("POST", path, body, {"X-Hub-Signature-256": signature})

    # Web processes look for what is new once a second.
    answer = eventually(send, until=lambda answer: answer.status != 404)
    assert (answer.status, answer.json["code"]) == (422, "bad_value")
    eventually(lambda: product.rows(_PAYLOADS, name)[0][0])

    page.goto("/admin/webhooks/")
    page.get_by_role("link", name=name, exact=True).first.click()
    assert secret not in page.content()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("properties.total: is not a number")
    mapping = page.locator("#mapping")
    mapping.fill("{")
    mapping.press("End")
    expect(preview).to_contain_text("this is not JSON")
    mapping.fill(
        '{"type": "track", "event": "Pitch Wanted", "user_id": "customer.id", "properties": {"where": "note"}}'
    )
    mapping.press("End")
    expect(preview).to_contain_text("Pitch Wanted")
    expect(preview).to_contain_text("by the lake")
    assert violations_here(page) == []

    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved")
    assert eventually(send, until=lambda answer: answer.status != 422).status == 200


def test_its_screens_are_readable_on_a_phone(sign_in):
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    for path in ("webhooks/", "webhooks/new/", "webhooks/new/?begin=x"):
        page.goto(f"/admin/{path}")
        expect(page.locator("h1")).to_have_count(1)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} pixels wide"
