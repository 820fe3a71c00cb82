"""Topics, consumers and dead letters as an administrator and a marketer use them in a real browser."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.e2e.axe import violations_here
from tests.e2e.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.browser

SCREENS = [
    "topics/",
    "topics/events.other/",
    "consumers/",
    "consumers/profiles/",
    "dead-letters/",
    "dead-letters/resubmissions/",
]
XSS = "<img src=x onerror=alert(1)>"


def _append(product: Product, *values: bytes) -> None:
    """Put what no collector would into a topic of events."""
    log = PostgresLog(product.database.conninfo)
    try:
        log.create_topics([TopicSpec("events.other", 2)])
        log.append([NewRecord("events.other", b"k", value) for value in values])
    finally:
        log.close()


def _open_letters(product: Product) -> list[int]:
    return [
        row[0] for row in product.rows("SELECT id FROM dead_letter WHERE state = 'open' ORDER BY id DESC")
    ]


@pytest.fixture
def letters(product: Product) -> list[int]:
    """The ids of two messages that the builder could not read, the newest first."""
    before = set(_open_letters(product))
    mark = uuid.uuid4().hex
    _append(product, f"{XSS} {mark}".encode(), b'{"v": 99, "email": "jane@example.com"}')
    eventually(lambda: len(set(_open_letters(product)) - before) == 2, seconds=60)
    return [each for each in _open_letters(product) if each not in before]


def test_every_screen_opens_with_a_sentence_on_a_desk_and_on_a_phone(sign_in, product):
    _append(product, b"")
    for width in (1280, 390):
        page = sign_in("administrator", viewport={"width": width, "height": 844})
        for path in SCREENS:
            answer = page.goto(f"/admin/{path}")
            assert answer is not None
            assert answer.status == 200, path
            expect(page.locator(".hw-state")).not_to_be_empty()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_graph_leads_from_sources_to_consumers_and_to_their_pages(sign_in, product):
    product.send({"type": "page", "anonymousId": "v", "messageId": str(uuid.uuid4())})
    page = sign_in("administrator")
    page.goto("/admin/topics/")
    expect(page.locator(".hw-graph-consumer", has_text="profiles")).to_contain_text("to read")
    expect(page.locator(".hw-graph-line").first).to_be_attached()
    page.locator(".hw-graph a", has=page.locator(".hw-graph-consumer", has_text="profiles")).click()
    page.wait_for_url("**/consumers/profiles/")
    expect(page.locator("#content")).to_contain_text("1 running")


def test_consumers_are_renewed_until_they_are_paused(sign_in, product):
    page = sign_in("administrator")
    page.goto("/admin/consumers/")
    expect(page.get_by_role("row", name=re.compile("^profiles reads"))).to_contain_text("Running")
    with page.expect_response(re.compile("/admin/consumers/$"), timeout=15_000):
        pass
    page.get_by_role("button", name="Live", exact=True).click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3500)  # longer than the page waits between two looks
    assert asked == []


def test_a_dead_letter_is_read_and_its_look_is_kept(sign_in, product, letters):
    page = sign_in("administrator")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"/admin/dead-letters/{letters[1]}/")
    assert "onerror" not in page.locator("#content").inner_html()
    page.get_by_role("button", name="Show the message").click()
    expect(page.locator("#payload pre").nth(2)).to_contain_text(XSS)
    assert violations_here(page) == []
    assert page.locator("img[onerror]").count() == 0
    assert dialogs == []
    looks = "SELECT count(*) FROM compliance_auditentry WHERE action = 'payload.view' AND target = %s"
    assert product.rows(looks, f"dead letter {letters[1]}")[0][0] == 1


def test_dead_letters_are_resubmitted_and_discarded_after_a_preview(sign_in, product, letters):
    page = sign_in("administrator")
    page.goto("/admin/dead-letters/")
    page.get_by_label(f"Choose dead letter {letters[0]}").check()
    page.get_by_label(f"Choose dead letter {letters[1]}").check()
    page.get_by_role("button", name="Discard …").click()
    expect(page.locator("#content")).to_contain_text("2 dead letters")
    assert violations_here(page) == []
    page.get_by_role("link", name="Cancel").click()
    assert set(letters) <= set(_open_letters(product))

    page.goto(f"/admin/dead-letters/{letters[0]}/")
    page.get_by_role("button", name="Resubmit …").click()
    page.get_by_role("button", name="Resubmit 1").click()
    expect(page.locator(".hw-note-success")).to_contain_text("1 dead letter was sent back")
    eventually(lambda: [each for each in _open_letters(product) if each > max(letters)], seconds=60)

    page.goto(f"/admin/dead-letters/{letters[1]}/")
    page.get_by_role("button", name="Discard …").click()
    page.get_by_role("button", name="Discard 1").click()
    page.get_by_label("State").select_option("Discarded")
    page.wait_for_url(re.compile("state=discarded"))
    page.goto(f"/admin/dead-letters/{letters[1]}/")
    expect(page.locator("#content")).to_contain_text("by administrator")
    expect(page.get_by_role("button", name="Discard …")).to_have_count(0)


def test_all_of_a_reason_go_back_by_a_job_that_is_watched(sign_in, product, letters):
    product.start_worker()
    page = sign_in("administrator")
    page.goto("/admin/dead-letters/")
    group = page.locator("section[aria-labelledby=reasons] tr", has_text="wire version 99")
    group.get_by_role("button", name="Resubmit all …").click()
    page.get_by_label("At most, a second").fill("100")
    page.get_by_role("button", name=re.compile("Resubmit [0-9]+")).click()
    page.wait_for_url("**/dead-letters/resubmissions/*/")
    expect(page.locator("#content")).to_contain_text("Done", timeout=60_000)
    assert violations_here(page) == []
    page.get_by_role("link", name="Resubmissions").click()
    expect(page.locator("tr", has_text="Done").first).to_contain_text("profiles")
    eventually(lambda: max(_open_letters(product)) > max(letters), seconds=60)
    page.goto(f"/admin/dead-letters/{max(_open_letters(product))}/")
    expect(page.locator("#content")).to_contain_text("was sent back, and was refused again")


def test_an_edited_copy_goes_back_and_the_message_stays(sign_in, product, letters):
    page = sign_in("administrator")
    page.goto(f"/admin/dead-letters/{letters[0]}/")
    page.get_by_role("link", name="Edit …").click()
    expect(page.get_by_label("Value")).to_have_value('{"v": 99, "email": "jane@example.com"}')
    page.get_by_label("Value").fill('{"v": 1}')
    assert violations_here(page) == []
    page.get_by_role("button", name="Resubmit the copy").click()
    expect(page.locator(".hw-note-success")).to_contain_text("The edited copy was sent back")
    page.get_by_role("button", name="Show the message").click()
    expect(page.locator("#payload")).to_contain_text("jane@example.com")
    page.get_by_role("button", name="Show what was sent").click()
    expect(page.locator("[id^=edited-]")).not_to_contain_text("jane@example.com")


def test_a_marketer_has_no_pipeline(sign_in):
    page = sign_in("marketer")
    for path in SCREENS:
        answer = page.goto(f"/admin/{path}")
        assert answer is not None
        assert answer.status == 403, path
    expect(page.locator("#nav-sidebar-apps").get_by_role("link", name="Topics")).to_have_count(0)
