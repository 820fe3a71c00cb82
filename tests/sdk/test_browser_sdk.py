"""@segment/analytics-next in real Chromium, loaded from a page of another origin."""

import http.server
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.ingestion.collector.serving import KEY, Server
from tests.waiting import eventually

PAGE = """<!doctype html><title>Shop</title><link rel="icon" href="data:,">
<script src="/@segment/analytics-next/dist/umd/index.js"></script>
<script>
  window.started = window.AnalyticsNext.AnalyticsBrowser.load({writeKey: "%(key)s", cdnURL: "%(url)s"})
</script>
"""


class Files(http.server.SimpleHTTPRequestHandler):
    page = b""

    def do_GET(self) -> None:
        if self.path.split("?")[0] != "/shop":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop(server: Server, node_modules: Path) -> Iterator[str]:
    """A page of another origin that uses the SDK."""
    page = (PAGE % {"key": KEY, "url": server.url}).encode()
    handler = type("Shop", (Files,), {"page": page})
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(node_modules)))
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}/shop"
    web.shutdown()
    thread.join()
    web.server_close()


@pytest.fixture
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_a_visit_and_a_sign_up(server, log, shop, browser_page):
    user, agent = f"user-{uuid.uuid4()}", browser_page.evaluate("navigator.userAgent")
    complaints: list[str] = []
    browser_page.on(
        "console", lambda message: complaints.append(message.text) if message.type == "error" else None
    )
    browser_page.goto(shop + "?utm_source=mail")

    anonymous_id = browser_page.evaluate(
        """async (user) => {
            const [analytics] = await window.started
            await analytics.page('Docs', 'Home')
            await analytics.track('Product Viewed', {price: 5, title: 'cut \\ud83d'})
            await analytics.identify(user, {email: 'jane@example.com'})
            await analytics.track('Order Completed', {total: 9.5})
            await analytics.group('acme', {name: 'Acme'})
            return analytics.user().anonymousId()
        }""",
        user,
    )

    def arrived():
        return [event for event in log.events() if event["anonymous_id"] == anonymous_id]

    events = {(e["type"], e["event"]): e for e in eventually(arrived, until=lambda found: len(found) == 5)}
    assert set(events) == {
        ("page", "Home"), ("track", "Product Viewed"), ("identify", None), ("track", "Order Completed"), ("group", None),
    }  # fmt: skip
    assert events["track", "Product Viewed"]["user_id"] is None
    assert events["track", "Product Viewed"]["properties"] == {"price": 5, "title": "cut \ufffd"}
    assert events["track", "Order Completed"]["user_id"] == user
    assert events["identify", None]["traits"] == {"email": "jane@example.com"}
    assert events["group", None]["group_id"] == "acme"
    page = events["page", "Home"]
    assert page["context"]["userAgent"] == agent
    assert page["context"]["campaign"] == {"source": "mail"}
    assert page["context"]["ip"] == "127.0.0.1"
    assert all(event["client_time"] and event["sent_at"] for event in events.values())
    assert complaints == []
