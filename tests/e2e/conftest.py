"""A browser that signs in to the running product, and hears every complaint of the page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.conftest import Database
from tests.e2e.product import PASSWORDS, Product, installed

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000  # a page that hashes a password takes long where all cores are busy
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def product(migrated_template: Database) -> Iterator[Product]:
    """The product, with one source and no event yet."""
    with installed(migrated_template, "e2e", Product) as product:
        yield product.start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, where Django would refuse queries, until the module is done.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, str]:
    """The cookies of each role that has signed in."""
    return {}


@pytest.fixture
def sign_in(
    product: Product, browser: Browser, sessions: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Pages of members of staff. At the end no page may have complained: no script error, no broken policy."""
    complaints: list[str] = []
    contexts = []

    def page_of(role: str, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(
            storage_state=sessions.get(role), base_url=product.url, timezone_id="Europe/Berlin", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: _hear(message, complaints))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        if role not in sessions:
            page.goto("/admin/login/")
            page.fill("[name=username]", role)
            page.fill("[name=password]", PASSWORDS[role])
            page.click("button[type=submit]")
            page.wait_for_url("**/admin/")
            path = tmp_path / f"{role}.json"
            context.storage_state(path=path)
            sessions[role] = str(path)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert complaints == []


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    expected = "403 (Forbidden)" in message.text or "400 (Bad Request)" in message.text  # what tests ask for
    if message.type in ("error", "warning") and not expected:
        complaints.append(f"{message.location.get('url', '')}: {message.text}")
