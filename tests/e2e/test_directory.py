"""The company's directory, with everything running: who is disabled there is out here; and its page, in a browser."""

import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.compliance.slapd import (
    FOR_GOOD,
    GROUPS,
    PEOPLE,
    READER,
    READER_PASSWORD,
    Slapd,
    certificate_for_itself,
)
from tests.conftest import Database
from tests.e2e.axe import violations_here
from tests.e2e.product import PASSWORDS, Product, installed
from tests.waiting import eventually

pytestmark = pytest.mark.browser
BEA, CAL = "bea", "cal"  # stays; is in the canteen
PASSWORD = "of the directory 7"
SECONDS = 5
PAGE = "/admin/settings/directory/"
TOKEN = re.compile(r"hw_[A-Za-z0-9_-]{20,}")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    server = Slapd(tmp_path_factory.mktemp("slapd"))
    server.begin()
    for uid, group in ((BEA, "harbour-analysts"), (CAL, "canteen")):
        server.add_person(uid, PASSWORD, (group,))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def rogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Another server, for whose certificate nobody vouches."""
    place = tmp_path_factory.mktemp("rogue")
    server = Slapd(place)
    server.servercert, server.serverkey = map(str, certificate_for_itself(place))
    server.begin()
    yield server
    server.stop()


class WithDirectory(Product):
    """Staff sign in by a directory, which is followed."""

    def start(self) -> Product:
        self._make_users()
        self.server.start()
        return self

    def follow(self) -> None:
        self.start_worker()
        self._run(
            "beat",
            [sys.executable, "-m", "celery", "-A", "cdp_site", "beat", "--loglevel=warning", "--pidfile="],
        )


@pytest.fixture(scope="module")
def product(migrated_template: Database, slapd: Slapd, rogue: Slapd) -> Iterator[Product]:
    """The second of its servers has the wrong certificate."""

    def make(database: Database, home: Path) -> WithDirectory:
        made = WithDirectory(database, home)
        made.server.environment |= {
            "LDAP_URL": f"{slapd.ldap_uri},{rogue.ldap_uri}", "LDAP_BIND_DN": READER,
            "LDAP_BIND_PASSWORD": READER_PASSWORD, "LDAP_USER_BASE": PEOPLE, "LDAP_GROUP_BASE": GROUPS,
            "LDAP_ROLES": "harbour-analysts=administrator", "LDAP_CA_FILE": slapd.cafile,
            "LDAP_SYNC_S": str(SECONDS),
        }  # fmt: skip
        return made

    with installed(migrated_template, "directory", make) as product:
        yield product.start()


@pytest.fixture(scope="module")
def sessions() -> dict[str, str]:
    """Of this product: that of the other tests has users of the same names."""
    return {}


@pytest.fixture
def of_directory(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pages of people of the directory."""

    def page_of(uid: str) -> Page:
        monkeypatch.setitem(PASSWORDS, uid, PASSWORD)
        page: Page = sign_in(uid)
        return page

    return page_of


def token_of(page: Page) -> str:
    """The secret of a token that its user makes on the page."""
    page.goto("/admin/settings/tokens/new/")
    page.get_by_label("Name", exact=True).fill("of ann")
    page.locator("input[name=scope][value='sources.view']").check()
    page.get_by_role("button", name="Create token").click()
    found = TOKEN.search(page.locator("#token-secret").inner_text())
    assert found is not None
    return found[0]


def test_72_who_is_disabled_in_the_directory_is_out_while_everything_runs(
    product: WithDirectory, slapd: Slapd, of_directory: Any
) -> None:
    leaver = f"ann-{uuid.uuid4().hex[:6]}"
    slapd.add_person(leaver, PASSWORD, ("harbour-analysts",))
    ann, bea = of_directory(leaver), of_directory(BEA)
    secret = token_of(ann)

    def status() -> int:
        answer = product.server.request(
            "GET", "/api/v1/sources/", headers={"Authorization": f"Bearer {secret}"}
        )
        return answer.status

    def is_out(page: Page) -> bool:
        page.goto("/admin/inbox/")
        return "/login/" in page.url

    product.follow()
    followed = "SELECT 1 FROM compliance_directorysync WHERE succeeded_at > now() - interval '20 seconds'"
    eventually(lambda: product.rows(followed), "the directory is followed", seconds=180)
    assert (status(), is_out(ann)) == (200, False)
    slapd.change(f"uid={leaver},{PEOPLE}", f"add: pwdAccountLockedTime\npwdAccountLockedTime: {FOR_GOOD}")
    eventually(lambda: is_out(ann), "ann's session is over", seconds=180)
    assert status() == 401
    assert not is_out(bea)
    done = "SELECT 1 FROM compliance_auditentry WHERE action = 'user.deactivate' AND actor = 'directory' AND target = %s"
    assert product.rows(done, f"user:{leaver}")


def outcome(page: Page, **typed: str) -> Any:
    """What the test of the connection says."""
    for name, value in ({"name": "", "password": ""} | typed).items():
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Test the connection").click()
    tested = page.locator("#tested")
    expect(tested.get_by_role("status").first).to_be_visible()
    return tested


def test_the_page_explains_what_works_and_what_does_not(product: Product, slapd: Slapd, sign_in: Any) -> None:
    page = sign_in("administrator")
    page.goto(PAGE)
    told = outcome(page, name=CAL, password=PASSWORD)
    expect(told).to_contain_text("None, so that they do not get in.")
    expect(told).to_contain_text("The certificate is not trusted: self-signed certificate")
    expect(told).to_contain_text("Trusted: server cert for localhost")
    assert violations_here(page) == []

    page.get_by_label("Group", exact=True).fill("Canteen")
    page.get_by_label("Role", exact=True).select_option("marketer")
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_text("Members of Canteen have the role marketer within 90 seconds.")).to_be_visible()

    told = outcome(page, name=CAL, password=PASSWORD)
    expect(told).to_contain_text("This person gets in.")
    expect(told).to_contain_text("1 server cannot be used")
    expect(told).to_contain_text("mapped by its name")
    assert violations_here(page) == []
    expect(outcome(page, name=CAL, password="not the password")).to_contain_text("It is wrong.")
    expect(page.locator("#tested")).to_contain_text("Something is in the way")

    service = "replace: userPassword\nuserPassword: "
    slapd.change(READER, f"{service}another")
    try:
        told = outcome(page)
        expect(told).to_contain_text("Its password is refused.")
        expect(told).to_contain_text("Correct LDAP_BIND_DN and LDAP_BIND_PASSWORD.")
        assert violations_here(page) == []
    finally:
        slapd.change(READER, f"{service}{READER_PASSWORD}")

    page.get_by_role("button", name="Take out …").click()
    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_text("Members of Canteen lose the role within 90 seconds.")).to_be_visible()
