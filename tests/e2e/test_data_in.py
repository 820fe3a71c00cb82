"""Home, sources, live, rejections and imports, as an administrator and a marketer use them in a real browser."""

import re
import uuid

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.e2e.test_workbench import can_be_read, shoot
from tests.ingestion.collector.serving import KEY
from tests.waiting import eventually

pytestmark = pytest.mark.browser

SCREENS = ["", "sources/", "sources/new/", "live/", "rejections/", "imports/", "imports/new/"]
XSS = "<img src=x onerror=alert(1)>"


def _track(event: str, **more: object) -> dict[str, object]:
    return {"type": "track", "event": event, "messageId": str(uuid.uuid4()), **more}


def test_every_screen_of_an_administrator_opens_with_a_title_and_without_a_complaint(sign_in):
    page = sign_in("administrator")
    for path in SCREENS:
        answer = page.goto(f"/admin/{path}")
        assert answer is not None
        assert answer.status == 200, path
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator(".hw-state")).not_to_be_empty()


def test_screens_are_readable_on_a_phone(sign_in):
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    for path in [*SCREENS, "sources/1/"]:
        page.goto(f"/admin/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} pixels wide"
    page.get_by_role("button", name="Navigation").click()
    expect(page.get_by_role("link", name="Sources", exact=True).first).to_be_visible()


def test_a_marketer_finds_what_the_role_allows_and_is_told_what_is_missing(sign_in):
    page = sign_in("marketer")
    page.goto("/admin/")
    navigation = page.locator("#nav-sidebar-apps")
    expect(navigation.get_by_role("link", name="Live", exact=True)).to_be_visible()
    expect(navigation.get_by_role("link", name="Imports", exact=True)).to_have_count(0)

    answer = page.goto("/admin/imports/")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("#content")).to_contain_text("imports.run")

    page.goto("/admin/sources/1/")
    assert KEY not in page.content()
    expect(page.get_by_role("button", name="Rotate")).to_have_count(0)


def test_a_new_source_shows_its_first_event_live_and_on_its_page(sign_in, product):
    page = sign_in("administrator")
    name = f"App {uuid.uuid4().hex[:6]}"
    page.goto("/admin/sources/")
    page.get_by_role("link", name="New source").first.click()
    page.get_by_role("button", name="Create source").click()
    expect(page.locator("#name-error")).to_contain_text("Give the source a name")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create source").click()
    expect(page.locator("h1")).to_contain_text("Waiting for its first event")

    page.get_by_role("button", name="Show").click()
    key = page.locator("code[id^=key-]").first.text_content()
    page.get_by_role("tab", name="curl").click()
    snippet = page.locator("#snippet-curl").text_content()
    assert key
    assert snippet
    assert f"-u {key}:" in snippet
    assert f"{product.url}/v1/track" in snippet

    product.send(_track("First Opened", anonymousId="visitor-1"), key=key)
    row = page.locator("tr", has_text="First Opened").first
    expect(row).to_be_visible(timeout=15_000)
    page.goto("/admin/sources/")
    expect(page.locator("tr", has_text=name)).to_contain_text("Receiving")


def test_a_key_is_rotated_and_the_old_one_disabled(sign_in, product):
    page = sign_in("administrator")
    page.goto("/admin/sources/new/")
    page.get_by_label("Name").fill(f"Till {uuid.uuid4().hex[:6]}")
    page.get_by_role("button", name="Create source").click()
    old = page.locator("code[id^=key-]").first.get_attribute("data-value")
    assert old
    page.get_by_role("button", name="Rotate").click()
    expect(page.locator(".hw-key")).to_have_count(2)
    expect(page.get_by_role("button", name="Rotate")).to_have_count(0)

    page.locator(".hw-key").nth(1).get_by_role("button", name="Disable …").click()
    page.get_by_role("button", name="Disable the key").locator("visible=true").click()
    expect(page.locator(".hw-note-success")).to_contain_text("401")
    eventually(lambda: product.server.post("/v1/track", _track("Late", userId="u"), key=old).status == 401)


def test_live_shows_what_arrives_with_its_person_filters_pauses_and_opens(sign_in, product):
    user = f"user-{uuid.uuid4().hex[:8]}"
    product.send(
        {"type": "identify", "userId": user, "traits": {"name": "Rosa Linden", "email": "rosa@example.com"}}
    )
    page = sign_in("administrator")
    eventually(lambda: product.rows("SELECT 1 FROM profiles_identifier WHERE value = %s", user))
    page.goto("/admin/live/")
    page.mouse.move(5, 5)
    event = f"Basket Filled {uuid.uuid4().hex[:6]}"
    product.send(_track(event, userId=user, properties={"total": 12.5}))
    row = page.locator("#live-rows tr", has_text=event)
    expect(row).to_be_visible()
    expect(row).to_contain_text("Rosa Linden")
    expect(row).to_contain_text("Accepted")

    row.get_by_role("link", name=event).click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text(user)
    expect(drawer).to_contain_text('"total": 12.5')
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    page.get_by_role("button", name="Live", exact=True).click()
    product.send(_track("While Paused", userId=user))
    eventually(lambda: product.rows("SELECT 1 FROM ingestion_liveevent WHERE name = 'While Paused'"))
    page.wait_for_timeout(1500)  # longer than the page waits between two looks
    expect(page.locator("#live-rows tr", has_text="While Paused")).to_have_count(0)
    page.get_by_role("button", name="Paused").click()
    page.mouse.move(5, 5)
    expect(page.locator("#live-rows tr", has_text="While Paused")).to_be_visible()

    page.get_by_label("Text", exact=True).fill("While")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("find="))
    expect(page.locator("#live-rows tr", has_text=event)).to_have_count(0)


def test_live_tells_what_became_of_an_event_and_shows_one_persons_alone(sign_in, product):
    mark = uuid.uuid4().hex[:8]
    told = {"name": f"Ada Stern {mark}", "email": f"{mark}@example.com"}
    product.send({"type": "identify", "userId": f"user-{mark}", "traits": told})
    eventually(lambda: product.rows("SELECT 1 FROM profiles_identifier WHERE value = %s", f"user-{mark}"))
    product.send(_track(f"Hers {mark}", userId=f"user-{mark}"), _track(f"His {mark}", userId="another"))
    page = sign_in("administrator")
    page.goto("/admin/live/")
    page.locator("#live-rows").get_by_role("link", name=f"Hers {mark}").click()
    way = page.locator("#way")
    expect(way).to_contain_text("Published", timeout=15_000)
    expect(way).to_contain_text(f"It is in the timeline of Ada Stern {mark}")
    expect(way).to_contain_text(re.compile(r"\d ms|\d s"))
    shoot(page, "live-event")
    can_be_read(page)

    page.get_by_role("link", name="only their events").click()
    page.wait_for_url(re.compile("person="))
    expect(page.locator("#live-rows tr", has_text=f"Hers {mark}")).to_be_visible()
    expect(page.locator("#live-rows tr", has_text=f"His {mark}")).to_have_count(0)
    shoot(page, "live-person")
    can_be_read(page)
    page.get_by_role("link", name="Show everybody again").click()
    expect(page.locator("#live-rows tr", has_text=f"His {mark}")).to_be_visible()

    page.get_by_label("Person", exact=True).fill(f"{mark}@example.com")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("person="))
    assert mark not in page.url
    expect(page.locator("#live-rows tr", has_text=f"Hers {mark}")).to_be_visible()


def test_what_is_looked_for_never_reaches_the_address(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/live/")
    page.get_by_label("Text", exact=True).fill("Rosa Linden")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("find="))
    assert "rosa" not in page.url.lower()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Rosa Linden")


def test_live_waits_while_the_pointer_is_in_it(sign_in, product):
    product.send(_track("Before", anonymousId="v"))
    page = sign_in("administrator")
    page.goto("/admin/live/")
    first = page.locator("#live-rows tr").first
    expect(first).to_be_visible()
    first.hover()
    event = f"Held {uuid.uuid4().hex[:6]}"
    product.send(_track(event, anonymousId="v"))
    expect(page.locator("[data-held-by]")).to_contain_text("new event")
    expect(page.locator("#live-rows tr", has_text=event)).to_have_count(0)
    page.mouse.move(5, 5)
    expect(page.locator("#live-rows tr", has_text=event)).to_be_visible()
    expect(page.locator("[data-held-by]")).to_be_hidden()


def test_a_marketer_sees_an_event_without_contact_data_and_without_its_raw_form(sign_in, product):
    event = f"Newsletter Joined {uuid.uuid4().hex[:6]}"
    product.send(
        _track(event, userId="m-1", properties={"email": "hidden@example.com", "list_name": "spring"})
    )
    page = sign_in("marketer")
    page.goto("/admin/live/")
    page.locator("#live-rows tr", has_text=event).get_by_role("link", name=event).click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("spring")
    expect(drawer).to_contain_text("hidden")
    assert "hidden@example.com" not in page.content()


def test_what_clients_send_is_text_and_never_markup(sign_in, product):
    product.send(
        _track(XSS, userId=XSS, properties={XSS: XSS}), {"type": "track", "event": XSS * 9, "userId": "x"}
    )
    page = sign_in("administrator")
    dialogs: list[Dialog] = []

    def remember(dialog: Dialog) -> None:
        dialogs.append(dialog)
        dialog.dismiss()

    page.on("dialog", remember)
    eventually(lambda: product.rows("SELECT 1 FROM ingestion_rejection WHERE name LIKE %s", f"{XSS[:10]}%"))
    page.goto("/admin/live/")
    page.locator("#live-rows").get_by_role("link", name=XSS, exact=True).first.click()
    expect(page.locator("#drawer")).to_contain_text(XSS)
    for path in ("", "sources/1/", "rejections/"):
        page.goto(f"/admin/{path}")
        assert page.locator("img[onerror]").count() == 0
    page.locator("tbody").last.get_by_role("link", name=re.compile("event name", re.IGNORECASE)).first.click()
    expect(page.locator("#raw")).to_contain_text("onerror=alert(1)")
    assert dialogs == []


def test_a_file_is_uploaded_mapped_imported_and_its_bad_rows_given_back(sign_in, product, tmp_path):
    product.start_worker()
    people = [f"person-{uuid.uuid4().hex[:8]}" for _ in range(3)]
    file = tmp_path / "orders.csv"
    rows = [f"{person},2025-03-0{number},{10 * number}.50" for number, person in enumerate(people, 1)]
    file.write_text("\n".join(["customer_id,date,total", *rows, ",2025-03-09,=2+3", ""]))
    page = sign_in("administrator")
    page.goto("/admin/imports/new/")
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.locator("#file-error")).to_be_visible()
    page.set_input_files("#file", file)
    expect(page.locator("#file-name")).to_contain_text("orders.csv")
    page.get_by_label("Source").fill(f"Orders {uuid.uuid4().hex[:6]}")
    page.get_by_role("button", name="Upload and preview").click()

    expect(page.locator(".hw-state")).to_contain_text("CSV, UTF-8, separated by comma")
    page.get_by_label("What customer_id becomes").select_option("")
    expect(page.locator("#preview")).to_contain_text("No column says who the row is about")
    page.get_by_label("What customer_id becomes").select_option("user_id")
    expect(page.locator("#preview")).to_contain_text(people[0])
    page.get_by_role("button", name="Start the import").click()
    expect(page.locator("#content")).to_contain_text("Done", timeout=30_000)
    taken = page.locator(".hw-figure", has=page.get_by_text("Taken", exact=True))
    expect(taken.locator(".hw-figure-value")).to_have_text("3")

    with page.expect_download() as download:
        page.get_by_role("link", name="Rows that were not taken").click()
    bad = download.value.path().read_text()
    assert len(bad.splitlines()) == 2
    eventually(
        lambda: product.rows("SELECT 1 FROM profiles_identifier WHERE value = %s", people[2]), seconds=60
    )


def test_home_counts_what_arrived_and_goes_on_by_itself(sign_in, product):
    product.send(_track("Counted", userId="home-1"))
    product.wait_for_people(1)
    page = sign_in("administrator")
    page.goto("/admin/")
    people = page.locator(".hw-figure", has=page.get_by_text("People", exact=True)).locator(
        ".hw-figure-value"
    )
    expect(people).not_to_have_text("0", timeout=15_000)
    expect(page.locator("svg[role=img]")).to_be_visible()
    expect(page.locator("#home-cards")).to_contain_text("profiles")
    with page.expect_response(re.compile("home/figures")):
        pass
    _tip(page)


def _tip(page: Page) -> None:
    """The pointer over a bar says what it is."""
    page.locator(".hw-chart-hit").last.hover()
    expect(page.locator(".hw-tip")).to_be_visible()


def test_keys_focus_the_search_list_themselves_and_lead_on(sign_in):
    page = sign_in("administrator")
    page.goto("/admin/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#hw-keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/admin/sources/")
