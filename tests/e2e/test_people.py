"""People as an administrator and a marketer use them in a real browser."""

import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.browser

XSS = "<img src=x onerror=alert(1)>"


@dataclass
class Someone:
    """A person who was seen on a device, and then told who they are."""

    id: str
    user: str
    email: str
    name: str


@pytest.fixture
def someone(product: Product) -> Someone:
    tag = uuid.uuid4().hex[:8]
    user, email, name, device = f"user-{tag}", f"{tag}@example.com", f"Rosa {tag.title()}", f"device-{tag}"
    traits = {"name": name, "email": email, "plan": "gold", "newsletter": True}
    product.send(
        _item("page", anonymousId=device, name="Home", properties={"path": "/", "title": "Home"}),
        _item("track", anonymousId=device, event="Product Viewed", properties={"name": "Sailcloth duffel"}),
        _item("identify", anonymousId=device, userId=user, traits=traits),
        _item("track", userId=user, event="Order Completed", properties={"total": 42.5, "email": email}),
    )
    wanted = "SELECT a.live_id FROM profiles_anchor a JOIN profiles_identifier i ON i.profile_id = a.profile_id WHERE i.value = %s"
    eventually(lambda: len(product.rows(wanted, user)) > 1, seconds=60)
    eventually(lambda: product.rows("SELECT 1 FROM profiles_profile WHERE traits ->> 'email' = %s", email))
    return Someone(str(product.rows(wanted, user)[0][0]), user, email, name)


def _item(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": str(uuid.uuid4()), **fields}


def _visited(page: Page) -> list[str]:
    """Every address that the page asks for from now on."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    return addresses


def test_a_person_is_found_by_e_mail_and_no_address_tells_it(sign_in, someone):
    page = sign_in("administrator")
    addresses = _visited(page)
    page.goto("/admin/")
    page.keyboard.press("/")
    page.keyboard.type(someone.email)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(someone.name)
    page.goto("/admin/people/")
    page.get_by_label("Find people").fill(f"nobody-{someone.email}")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#content")).to_contain_text("Nobody found")
    page.get_by_label("Find people").fill(someone.name)
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(f"**/admin/people/{someone.id}/")
    page.get_by_label("Search the timeline").fill(someone.email)
    expect(page.locator(".hw-event")).to_have_count(2)
    assert not [
        address for address in addresses if someone.email.split("@")[0] in address.split("/people/")[0]
    ]
    assert not [address for address in addresses if "example.com" in address or "%40" in address]


def test_the_list_leads_to_a_person_with_traits_identifiers_and_timeline(sign_in, someone):
    page = sign_in("administrator")
    page.goto("/admin/people/")
    row = page.locator("tr", has_text=someone.name)
    expect(row).to_contain_text("Customer")
    row.get_by_role("link", name=someone.name).click()
    expect(page.locator("h1")).to_contain_text("Customer")
    expect(page.locator(".hw-person-traits")).to_contain_text("gold")
    expect(page.locator(".hw-identifiers")).to_contain_text(someone.user)
    expect(page.locator(".hw-event")).to_have_count(4)
    expect(page.locator(".hw-day").first).to_contain_text("Today")

    page.locator(".hw-trait", has_text="Plan").locator("summary").click()
    expect(page.locator(".hw-trait[open] .hw-history")).to_contain_text("gold")

    page.get_by_role("button", name="Order Completed").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text('"total": 42.5')
    expect(drawer).to_contain_text("Received")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_visit_opens_to_its_events_and_the_head_tells_consents(sign_in, product, someone):
    visits = "SELECT 1 FROM profiles_session s JOIN profiles_anchor a ON a.id = s.anchor_id WHERE a.live_id = %s AND s.events = 2"
    eventually(lambda: product.rows(visits, someone.id), seconds=60)
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    visit = page.locator(".hw-fold")
    expect(visit.locator("summary")).to_contain_text("2 events")
    expect(visit.get_by_role("button", name="Product Viewed")).to_be_hidden()
    visit.locator("summary").press("Enter")
    visit.get_by_role("button", name="Product Viewed").click()
    expect(page.locator("#drawer")).to_contain_text("Sailcloth duffel")
    page.keyboard.press("Escape")
    expect(page.locator(".hw-beside")).to_contain_text("No household or group")
    expect(page.get_by_label("Consents", exact=True)).to_contain_text("Send marketing unknown")
    page.get_by_role("link", name="Consents").click()
    expect(page.locator("tr", has_text="Provide the service")).to_contain_text("rests on a contract")


_MIDDLE = """path => {
    const middle = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
    return [middle.x, middle.y];
}"""


def test_a_link_of_the_identity_graph_opens_its_evidence_by_key_and_by_pointer(sign_in, someone):
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    page.get_by_role("link", name="Identity graph").click()
    drawer, link = page.locator("#drawer"), page.locator("a.hw-tie-accepted", has_text=someone.email)
    expect(page.locator(".hw-node-text", has_text=someone.user)).to_be_visible()
    link.focus()
    page.keyboard.press("Enter")
    expect(drawer).to_contain_text("1 piece of evidence")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.mouse.click(*link.locator(".hw-tie-hit").evaluate(_MIDDLE))
    expect(drawer).to_contain_text(someone.email)
    assert page.url.endswith("/tab/graph/")


def test_the_timeline_filters_and_keeps_the_filter_in_its_address(sign_in, someone):
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    page.locator("#f-event").select_option("Product Viewed")
    expect(page.locator(".hw-event")).to_have_count(1)
    page.wait_for_url(re.compile(r"\?event=Product"))
    page.reload()
    expect(page.locator(".hw-event")).to_have_count(1)
    page.get_by_label("Search the timeline").fill("no such thing")
    expect(page.locator("#timeline")).to_contain_text("No event matches")
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".hw-event")).to_have_count(4)


def test_a_long_timeline_goes_on_by_itself(sign_in, product):
    user = f"long-{uuid.uuid4().hex[:8]}"
    product.send(*[_item("track", userId=user, event=f"Step {number}") for number in range(120)])
    counted = "SELECT sum(c.count) FROM profiles_daily_counter c JOIN profiles_anchor a ON a.id = c.anchor_id JOIN profiles_identifier i ON i.id = a.user_id WHERE i.value = %s"
    eventually(lambda: product.rows(counted, user)[0][0] == 120, seconds=60)
    page = sign_in("administrator")
    page.goto("/admin/people/")
    page.get_by_label("Find people").fill(f"user_id:{user}")
    page.get_by_role("button", name="Search").click()
    for shown in (50, 100, 120):
        page.mouse.wheel(0, 20_000)
        expect(page.locator(".hw-event").nth(shown - 1)).to_be_attached()
    expect(page.locator(".hw-event")).to_have_count(120)
    expect(page.locator(".hw-day")).to_have_count(1)
    expect(page.locator(".hw-more")).to_have_count(0)


def test_a_marketer_sees_masks_and_who_may_see_what_they_hide(sign_in, someone):
    page = sign_in("marketer")
    page.goto(f"/admin/people/{someone.id}/")
    expect(page.locator("h1")).to_contain_text(someone.name)
    expect(page.get_by_role("region", name="Contact")).to_contain_text(
        "administrator and support agent may see it"
    )
    expect(page.get_by_role("link", name="Who looked")).to_have_count(0)
    page.get_by_role("button", name="Order Completed").click()
    expect(page.locator("#drawer")).to_contain_text("Hidden for your role: properties.email")
    page.goto(f"/admin/people/{someone.id}/why/")
    assert someone.email not in page.content()


def _act(page: Page, name: str) -> None:
    page.locator("summary", has_text="Actions").click()
    page.get_by_role("link", name=name).click()


def test_a_person_is_exported_to_a_file_that_is_in_the_trail(sign_in, someone):
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    _act(page, "Export …")
    expect(page.get_by_role("heading", name="Export all that is kept of this person?")).to_be_visible()
    page.get_by_label("Why").fill("asked for a copy")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export").click()
    content = Path(waiting.value.path()).read_bytes()
    found = json.loads(content)
    assert waiting.value.suggested_filename == f"person-{someone.id}.json"
    assert {each["value"] for each in found["identifiers"]} >= {someone.user, someone.email}
    assert found["counts"]["events"] == len(found["events"]) == 4
    page.get_by_role("link", name="Back to the person").click()
    page.get_by_role("link", name="Who looked").click()
    expect(page.locator(".hw-visits")).to_contain_text("all of this person, exported to a file")


def test_a_person_is_suppressed_from_their_page_and_lifted_as_a_whole(sign_in, product, someone):
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    _act(page, "Suppress this person …")
    expect(page.locator("#content")).to_contain_text("any of these 3 identifiers")
    expect(page.locator("#content")).to_contain_text(someone.email)
    page.get_by_role("button", name="Suppress this person").click()
    expect(page.locator("#reason-error")).to_contain_text("Say why")
    reason = f"asked-{uuid.uuid4().hex[:8]}"
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Suppress this person").click()
    expect(page.get_by_text("Suppressed by 3 identifiers")).to_be_visible()
    assert someone.email.split("@")[0] not in page.url
    stored = "SELECT count(*) FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id WHERE a.live_id = %s"
    before = product.rows(stored, someone.id)
    other = f"other-{uuid.uuid4().hex[:8]}"
    product.send(_item("track", userId=someone.user, event="Order Completed"), _item("page", userId=other))
    there = "SELECT 1 FROM profiles_identifier WHERE value = %s"
    eventually(lambda: product.rows(there, other), seconds=60)
    assert product.rows(stored, someone.id) == before
    page.goto("/admin/privacy/suppressions/")
    row = page.locator("tr", has_text=reason).first
    expect(row).to_contain_text("one of 3 of a person")
    row.get_by_role("button", name="Lift …").click()
    page.get_by_role("button", name="Lift all 3 of the person").click()
    expect(page.locator("tr", has_text=reason)).to_have_count(0)

    def taken_again() -> bool:  # the collector looks who is suppressed every second or two
        product.send(_item("track", userId=someone.user, event="Came Back"))
        return bool(product.rows(stored, someone.id) > before)

    eventually(taken_again, "events of who was suppressed are stored again", seconds=60)


def test_who_may_not_is_offered_neither_export_nor_suppression(sign_in, someone):
    page = sign_in("marketer")
    page.goto(f"/admin/people/{someone.id}/")
    expect(page.locator("summary", has_text="Actions")).to_have_count(0)
    page.goto(f"/admin/people/{someone.id}/export/")
    expect(page.locator("h1")).to_contain_text("Not for your role")


def test_why_merges_and_who_looked_are_told(sign_in, someone):
    page = sign_in("administrator")
    page.goto(f"/admin/people/{someone.id}/")
    page.get_by_role("link", name="Why one person").click()
    expect(page.locator(".hw-evidence-accepted").first).to_contain_text(
        "Seen together in an identify call of Web shop"
    )
    page.get_by_role("link", name="Merges").click()
    expect(page.locator("#content")).to_contain_text(re.compile("turned out to be one|Never merged"))
    page.get_by_role("link", name="Who looked").click()
    expect(page.locator(".hw-visits")).to_contain_text("administrator saw")


def test_an_id_that_nobody_has_says_so(sign_in):
    page = sign_in("administrator")
    answer = page.request.get(f"/admin/people/{uuid.uuid4()}/")
    assert answer.status == 404
    assert "No person has this id" in answer.text()


def test_people_are_readable_on_a_phone(sign_in, someone):
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    for path in (
        "people/",
        f"people/{someone.id}/",
        f"people/{someone.id}/export/",
        f"people/{someone.id}/suppress/",
        f"people/{someone.id}/why/",
        f"people/{someone.id}/access/",
    ):
        page.goto(f"/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_what_clients_send_never_becomes_markup(sign_in, product):
    user = f"{XSS}{uuid.uuid4().hex[:6]}"
    product.send(
        _item("identify", userId=user, traits={"name": XSS, XSS: XSS}, context={"userAgent": XSS}),
        _item("track", userId=user, event=XSS, properties={XSS: XSS}, context={"userAgent": XSS}),
    )
    live = "SELECT p.public_id FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id WHERE i.value = %s AND p.traits ? 'name'"
    eventually(lambda: product.rows(live, user), seconds=60)
    visit = "SELECT 1 FROM profiles_session s JOIN profiles_anchor a ON a.id = s.anchor_id JOIN profiles_identifier i ON i.id = a.user_id WHERE i.value = %s AND s.events = 2"
    eventually(lambda: product.rows(visit, user), seconds=60)
    page = sign_in("administrator")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"/admin/people/{product.rows(live, user)[0][0]}/")
    expect(page.locator("h1")).to_contain_text(XSS)
    page.locator(".hw-trait summary").first.click()
    page.locator(".hw-fold summary").click()
    page.get_by_role("button", name=XSS).first.click()
    expect(page.locator("#drawer")).to_contain_text(XSS)
    assert page.locator("img[onerror]").count() == 0
    page.goto("/admin/people/")
    expect(page.locator("tbody")).to_contain_text(XSS)
    assert page.locator("img[onerror]").count() == 0
    assert dialogs == []
