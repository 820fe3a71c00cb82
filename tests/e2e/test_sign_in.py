"""Signing in, in a browser: a password of one's own, an app, its codes, sessions, and an account for emergencies."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.compliance.second_factor import Phone
from tests.e2e.axe import violations_here
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.product import PASSWORDS, Product

pytestmark = pytest.mark.browser
GIVEN, OWN = "a pass that was given 42", "a pass of my own choice 77"


@pytest.fixture
def visitor(product: Product, browser: Browser) -> Iterator[Callable[[], Page]]:
    """Browsers in which nobody is signed in."""
    contexts = []

    def page() -> Page:
        context = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        return opened

    yield page
    for context in contexts:
        context.close()


def give_password(page: Page, name: str, password: str) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")


def made_by(administrator: Page, begins: str) -> str:
    """A new marketer, of a name of their own at each try."""
    name = f"{begins}-{uuid.uuid4().hex[:6]}"
    administrator.goto("/admin/settings/users/new/")
    administrator.get_by_label("Name").fill(name)
    administrator.get_by_label("Password").fill(GIVEN)
    administrator.get_by_label("Role").select_option("marketer")
    administrator.get_by_role("button", name="Create user").click()
    expect(administrator.get_by_text(f"{name} can sign in now")).to_be_visible()
    return name


def looked_at(page: Page) -> None:
    """Nobody is shut out of the page as it stands."""
    assert violations_here(page) == []


def test_a_newcomer_chooses_a_password_and_sets_an_app_up(sign_in: Any, visitor: Callable[[], Page]) -> None:
    nora = made_by(sign_in("administrator"), "nora")
    page = visitor()
    give_password(page, nora, GIVEN)
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    looked_at(page)
    page.get_by_label("New password").fill(OWN)
    page.get_by_label("The same again").fill(OWN)
    page.get_by_role("button", name="Set my password").click()
    page.wait_for_url("**/admin/")
    page.goto("/admin/account/")
    looked_at(page)
    page.get_by_role("link", name="Set up a second factor").click()
    looked_at(page)
    phone = Phone(page.locator("#factor-secret").inner_text())
    page.get_by_label("Code", exact=True).fill(phone.code())
    page.get_by_role("button", name="Take it into use").click()
    codes = page.locator("#recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    looked_at(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    other = visitor()
    give_password(other, nora, OWN)
    looked_at(other)
    other.get_by_label("Code", exact=True).fill(codes[0])
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url("**/admin/")
    page.reload()
    looked_at(page)
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("signed out everywhere else (1)")).to_be_visible()
    other.goto("/admin/account/")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_guesses_has_to_wait_and_an_administrator_helps(
    sign_in: Any, visitor: Callable[[], Page]
) -> None:
    administrator, page = sign_in("administrator"), visitor()
    gus = made_by(administrator, "gus")
    for _ in range(5):
        give_password(page, gus, "guess")
    expect(page.get_by_role("heading", name="Try again later")).to_be_visible()
    looked_at(page)
    administrator.goto("/admin/settings/users/")
    looked_at(administrator)
    administrator.get_by_role("link", name=gus).click()
    looked_at(administrator)
    administrator.get_by_role("button", name="Let them try now").click()
    expect(administrator.get_by_text(f"{gus} can try again now.")).to_be_visible()
    give_password(page, gus, GIVEN)
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()


def test_what_matters_asks_again_and_goes_on(product: Product, visitor: Callable[[], Page]) -> None:
    page = visitor()
    give_password(page, "administrator", PASSWORDS["administrator"])
    page.wait_for_url("**/admin/")
    page.goto("/admin/settings/tokens/new/")
    page.get_by_label("Name", exact=True).fill("After the question")
    page.get_by_label("Search for people").check()
    with product.database.connect(autocommit=True) as session:
        session.execute("UPDATE compliance_usersession SET proved_at = NULL")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    looked_at(page)
    page.get_by_label("Your password").fill(PASSWORDS["administrator"])
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#token-secret")).to_contain_text("hw_")
    with product.database.connect(autocommit=True) as session:
        session.execute("UPDATE compliance_usersession SET proved_at = now()")


def test_glass_is_broken_and_home_says_so(sign_in: Any, visitor: Callable[[], Page]) -> None:
    administrator, page = sign_in("administrator"), visitor()
    place = f"safe-{uuid.uuid4().hex[:6]}"
    administrator.goto("/admin/settings/users/break-glass/")
    looked_at(administrator)
    administrator.get_by_label("Name").fill(place)
    administrator.get_by_role("button", name=re.compile("Make it")).click()
    password = administrator.locator("#made-password").inner_text()
    looked_at(administrator)
    give_password(page, f"break-glass-{place}", password)
    page.wait_for_url("**/admin/")
    administrator.goto("/admin/")
    expect(administrator.get_by_text(re.compile(f"break-glass-{place} is signed in"))).to_be_visible()
    looked_at(administrator)
    administrator.goto("/admin/settings/users/")
    administrator.get_by_role("link", name=f"break-glass-{place}").click()
    administrator.get_by_role("button", name="Sign out everywhere").click()
    expect(administrator.get_by_text(f"break-glass-{place} is signed out everywhere.")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_a_page_asks_by_itself_is_marked_so(sign_in: Any) -> None:
    page = sign_in("marketer")
    with page.expect_request(lambda request: "/inbox/bell/" in request.url) as asked:
        page.goto("/admin/")
    assert asked.value.headers["x-unattended"] == "1"
    with page.expect_request("**/admin/inbox/") as by_hand:
        page.goto("/admin/inbox/")
    assert "x-unattended" not in by_hand.value.headers
