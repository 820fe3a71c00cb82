"""From the first event of a source to a mended one on its person's page: catalogue, tracking plan, quarantine, in a real
browser; and a database that is connected and read.
"""

import os
import re
import sqlite3
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations_here
from tests.ingestion.collector.serving import add_source
from tests.waiting import eventually

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SCREENSHOTS", "")  # a folder to look at the screens in
_KNOWN = """
SELECT sum(v.events) FROM ingestion_cataloguevolume v JOIN ingestion_catalogueevent e ON e.id = v.event_id WHERE e.name = %s
"""
_WAITING = "SELECT count(*) FROM ingestion_quarantined WHERE name = %s AND state = 'open'"
_TRAIT = """
SELECT p.provenance -> 'plan' -> 'purposes' FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id
WHERE i.value = %s
"""

_PERSON = """
SELECT p.public_id::text FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id WHERE i.value = %s
"""


class Shop:
    """A source of its own, whose event has a name that no other test has."""

    def __init__(self, product):
        self.product, mark = product, uuid.uuid4().hex[:8]
        self.name, self.key, self.event, self.user = (
            f"Till {mark}",
            f"KEY{mark}",
            f"Sold {mark}",
            f"buyer-{mark}",
        )
        self.id = add_source(product.database.conninfo, self.name, self.key)

    def send(self, *totals, **more):
        items = [
            {
                "type": "track", "event": self.event, "userId": self.user, "messageId": uuid.uuid4().hex,
                "properties": {"total": total, "currency": "EUR", "items": [{"sku": "A1", "price": 2}], **more},
            }
            for total in totals
        ]  # fmt: skip
        self.product.send(*items, key=self.key)


@pytest.fixture(scope="module")
def shop(product):
    product.start_worker()
    made = Shop(product)
    # A web process looks for new keys once a second.
    wanted = {"type": "identify", "userId": made.user, "traits": {"plan": "gold", "name": "Mia Lindt"}}
    eventually(lambda: product.server.post("/v1/identify", wanted, key=made.key).status == 200)
    made.send(*range(1, 31))
    eventually(lambda: (product.rows(_KNOWN, made.event)[0][0] or 0) >= 30, seconds=60)
    return made


def shoot(page: Page, name: str) -> None:
    """Pictures of the screen for people, light and dark, on a desk and on a phone, when a folder for them is named."""
    if not SHOTS:
        return
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            page.screenshot(
                path=str(Path(SHOTS) / f"{name}-{width}{'-dark' if dark else ''}.png"), full_page=True
            )
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size({"width": 1280, "height": 900})


def can_be_read(page: Page) -> None:
    """The screen as it stands can be read on a desk and on a phone, in light and dark, and shuts nobody out."""
    assert violations_here(page) == []


def test_an_event_is_described_and_its_properties_are_classified(sign_in, product, shop):
    page = sign_in("administrator")
    page.goto("/admin/catalogue/")
    page.get_by_label("Text").fill(shop.event)
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("find="))
    assert shop.event not in page.url
    shoot(page, "catalogue")
    page.get_by_role("link", name=shop.event).click()
    expect(page.locator("table").first).to_contain_text("items[].sku")
    page.get_by_label("What it is").fill("A sale at the till")
    page.get_by_label("Who to ask").fill("Shop team")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".hw-note-success")).to_contain_text("Saved")
    shoot(page, "catalogue-event")
    can_be_read(page)
    page.get_by_role("link", name="items[].sku", exact=True).click()
    page.get_by_label("Category").select_option("transactions")
    page.get_by_label("Understand use").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".hw-state")).to_contain_text("classified by people")
    shoot(page, "catalogue-key")
    can_be_read(page)


def test_purposes_of_a_trait_reach_the_person(sign_in, product, shop):
    page = sign_in("administrator")
    page.goto("/admin/catalogue/keys/")
    page.get_by_label("Kind").select_option("trait")
    page.wait_for_url(re.compile("kind=trait"))
    shoot(page, "catalogue-keys")
    can_be_read(page)
    page.get_by_role("link", name="plan", exact=True).click()
    page.get_by_label("Provide the service").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".hw-note-success")).to_contain_text("Saved")

    def limited():
        told = {
            "type": "identify",
            "userId": shop.user,
            "messageId": uuid.uuid4().hex,
            "traits": {"plan": "gold"},
        }
        product.server.post("/v1/identify", told, key=shop.key)
        rows = product.rows(_TRAIT, shop.user)
        return bool(rows) and rows[0][0] == ["=service"]

    eventually(limited, seconds=60)


def test_a_plan_is_inferred_tightened_broken_and_what_broke_it_is_mended_and_sent_on(sign_in, product, shop):
    page = sign_in("administrator")
    publish_a_plan(page, shop)
    break_it(page, product, shop)
    mend(page, shop)
    mended = "SELECT properties ->> 'channel' FROM profiles_timeline WHERE properties ->> 'total' = '12'"
    eventually(lambda: ("till",) in product.rows(mended), seconds=60)
    page.goto(f"/admin/people/{product.rows(_PERSON, shop.user)[0][0]}/")
    expect(page.locator("#content")).to_contain_text(shop.event)
    expect(page.locator("#content")).to_contain_text("till")


def publish_a_plan(page, shop):
    """Infer it, tighten one line, try it, publish it."""
    page.goto(f"/admin/plans/{shop.id}/")
    page.get_by_role("button", name="Infer from traffic").click()
    page.get_by_role("link", name=shop.event).click()
    total = page.locator("[data-row]", has=page.locator("input[value='total']"))
    expect(total.get_by_label("Required")).to_be_checked()
    total.get_by_label("When it is broken").select_option("quarantine")
    total.locator("summary").click()
    total.get_by_label("At most").fill("20")
    page.get_by_role("button", name="Try it on the newest").click()
    expect(page.locator("#trial")).to_contain_text("10 of the 30 newest events would break it")
    expect(page.locator("#trial")).to_contain_text("`total` is too large")
    page.get_by_role("button", name="Add a property").click()
    added = page.locator("[data-row]").last
    added.get_by_label("Property", exact=True).fill("note")
    added.get_by_label("Type", exact=True).select_option("string")
    shoot(page, "plan-event")
    can_be_read(page)
    added.get_by_role("button", name=re.compile("Remove")).click()
    total.get_by_label("At most").fill("")
    page.get_by_role("button", name="Save the draft", exact=True).click()
    expect(page.locator(".hw-note-success")).to_contain_text("The draft is saved")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".hw-state")).to_contain_text("Version 1 holds")


def break_it(page, product, shop):
    """Send what the plan keeps out, and see what broke it, and the trace of one."""

    def breaks():
        shop.send("12")
        return product.rows(_WAITING, shop.event)[0][0] > 0

    eventually(breaks, seconds=60)
    page.reload()
    expect(page.locator("section[aria-labelledby=violations]")).to_contain_text(
        "`total` should be a whole number"
    )
    shoot(page, "plan")
    can_be_read(page)
    page.get_by_role("link", name="trace one").first.click()
    expect(page.locator("body")).to_contain_text("In quarantine")


def mend(page, shop):
    """Mend what waits with the step that is suggested and one more, and send it on."""
    page.goto("/admin/quarantine/")
    shoot(page, "quarantine")
    can_be_read(page)
    page.locator("tr", has_text=shop.event).get_by_role("link").first.click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("would pass")
    page.get_by_role("button", name="Add a step").click()
    step = page.locator("[data-row]").last
    step.get_by_label("Do", exact=True).select_option("default")
    step.get_by_label("Property or trait", exact=True).fill("channel")
    step.get_by_label("With", exact=True).fill("till")
    expect(preview).to_contain_text("channel")
    expect(preview.locator(".hw-changed").first).to_be_visible()
    shoot(page, "quarantine-group")
    can_be_read(page)
    page.get_by_role("button", name="Mend and send").click()
    page.get_by_role("button", name="Mend and send on").click()
    expect(page.locator("#resend")).to_contain_text("Done", timeout=60_000)
    shoot(page, "resend")
    can_be_read(page)


def test_a_database_is_connected_and_its_rows_are_on_the_page_of_their_person(
    sign_in, product, shop, tmp_path
):
    path, mark = tmp_path / "crm.sqlite", uuid.uuid4().hex[:6]
    with sqlite3.connect(path) as crm:
        crm.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, city TEXT)")
        crm.execute("INSERT INTO customers VALUES (7, ?, 'Utrecht')", [f"{mark}@example.com"])
    page = sign_in("administrator")
    page.goto("/admin/connections/new/?kind=sql")
    page.locator("#name").fill(f"CRM {mark}")
    page.locator("#source").fill(shop.name)
    page.get_by_label("Database", exact=True).select_option("sqlite")
    page.get_by_label("Database name").fill(str(path))
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("The login works")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Choose what to read").click()
    expect(page.locator("#discovered")).to_contain_text("customers")
    can_be_read(page)
    page.locator("#discovered").get_by_role("link", name="customers").click()
    expect(page.locator("#preview")).to_contain_text("Utrecht")
    can_be_read(page)
    page.get_by_role("button", name="Keep it").click()
    stream = page.url
    page.get_by_role("button", name="Run now").click()
    city = "SELECT traits ->> 'city' FROM profiles_profile WHERE traits ->> 'email' = %s"
    eventually(lambda: product.rows(city, f"{mark}@example.com") == [("Utrecht",)], seconds=90)
    expect(page.locator("#content")).to_contain_text("1 row in")
    can_be_read(page)
    page.goto(stream)
    can_be_read(page)
    page.goto("/admin/connections/")
    expect(page.locator("tr", has_text=f"CRM {mark}")).to_be_visible()
    shoot(page, "connections")
    can_be_read(page)
