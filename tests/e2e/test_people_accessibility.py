"""The pages of a person, with all that is done to one, and what several people share: axe-core finds nothing serious."""

import uuid
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import DESK, failures, violations, violations_here
from tests.e2e.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.browser

_PERSON = "SELECT p.public_id FROM profiles_identifier i JOIN profiles_profile p ON p.id = i.profile_id WHERE i.value = %s"
_IDENTIFIER = "SELECT id FROM profiles_identifier WHERE value = %s"
_LINK = "SELECT min(e.id) FROM profiles_evidence e JOIN profiles_identifier i ON i.id IN (e.a_id, e.b_id) WHERE i.value = %s AND e.state = 'accepted'"
_BEHAVIOUR = "SELECT 1 FROM profiles_session s JOIN profiles_anchor a ON a.id = s.anchor_id JOIN profiles_identifier i ON i.profile_id = a.profile_id WHERE i.value = %s AND s.events > 5"
_GROUP = "SELECT public_id FROM profiles_household JOIN profiles_identifier i ON i.id = identifier_id WHERE value = %s"
_REVIEW = "SELECT max(e.id) FROM profiles_evidence e JOIN profiles_identifier i ON i.id IN (e.a_id, e.b_id) WHERE i.value = %s AND e.state = 'refused'"


class Family:
    """Two people of one club who signed in on one tablet: of the first much is known, and the pair waits for review."""

    def __init__(self, product: Product) -> None:
        self.product, self.tag = product, uuid.uuid4().hex[:8]
        self.user, self.other, self.club = (f"{name}-{self.tag}" for name in ("ada", "ben", "club"))
        self.tablet = f"tablet-{self.tag}"
        self._make()

    def path(self, part: str = "", user: str = "") -> str:
        """The address of a page of the first, or of another."""
        return f"/admin/people/{self.one(_PERSON, user or self.user)}/{part}"

    def one(self, query: str, value: str) -> object:
        """The only value that the query finds, once there is one."""
        rows = eventually(
            partial(self.product.rows, query, value), until=lambda rows: bool(rows and rows[0][0]), seconds=60
        )
        return rows[0][0]  # fmt: skip

    def _make(self) -> None:
        granted = {"consent": {"categoryPreferences": {"analytics": True, "marketing": False}}}
        on = {"anonymousId": self.tablet, "userId": self.user, "context": granted}
        traits = {
            "name": "Ada Stern",
            "email": f"{self.user}@example.com",
            "phone": "+441174960123",
            "plan": "gold",
        }
        post = {"network": "mastodon", "handle": "ada", "post_id": self.tag, "sentiment": 0.8, "reach": 40}
        self.product.send(
            _item("page", anonymousId=self.tablet, name="Home", properties={"path": "/", "title": "Home"}),
            _item("identify", traits=traits, **on),
            _item("group", groupId=self.club, traits={"name": "Rowers", "city": "Leeds"}, **on),
            _item("track", event="Post Published", properties=post, **on),
            *(_item("track", event="Element Clicked", properties={"text": "Pay", "path": "/pay"}, **on) for _ in range(4)),
        )  # fmt: skip
        self.one(_PERSON, self.user)
        self.product.send(
            _item("identify", anonymousId=self.tablet, userId=self.other, traits={"name": "Ben Stern", "plan": "free"}),
            _item("group", groupId=self.club, userId=self.other),
        )  # fmt: skip
        self.one(_BEHAVIOUR, self.user)
        self.one(_REVIEW, self.tablet)


def _item(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": str(uuid.uuid4()), **fields}


@pytest.fixture(scope="module")
def family(product: Product) -> Family:
    return Family(product)


@pytest.fixture
def page(sign_in: Any) -> Page:
    page: Page = sign_in("administrator", viewport=DESK)
    return page


def test_each_tab_of_a_person(page: Page, family: Family) -> None:
    failed = failures(page)
    page.goto(family.path())
    tabs = page.eval_on_selector_all(
        ".hw-person-tabs a", "links => links.map((link) => link.getAttribute('href'))"
    )
    assert len(tabs) > 8
    assert [problem for path in tabs for problem in violations(page, path)] == []
    assert failed == []


def test_a_person_with_all_of_it_open(page: Page, family: Family) -> None:
    page.goto(family.path())
    page.locator(".hw-trait summary").first.click()
    expect(page.locator(".hw-trait[open] .hw-history")).to_be_visible()
    for fold in page.locator(".hw-fold summary").all():
        fold.click()
    page.locator(".hw-menu summary").click()
    assert violations_here(page) == []
    page.locator(".hw-menu summary").click()
    page.get_by_role("button", name="Element Clicked").first.click()
    expect(page.locator("#drawer")).to_contain_text("/pay")
    assert violations_here(page) == []


def test_what_is_decided_about_a_person(page: Page, family: Family) -> None:
    link, phone = family.one(_LINK, family.user), family.one(_IDENTIFIER, "+441174960123")
    other = family.one(_PERSON, family.other)
    forms = [
        family.path(f"unmerge/?link={link}"),
        family.path(f"unmerge/?identifier={phone}"),
        family.path(f"handover/?identifier={phone}&day=2026-01-02"),
        family.path("suppress/"),
        family.path("export/"),
        family.path("together/"),
        family.path(f"together/?with={other}"),
        f"/admin/reviews/{family.one(_REVIEW, family.tablet)}/",
        family.path(f"graph/links/{link}/"),
    ]
    assert [problem for path in forms for problem in violations(page, path)] == []


def test_what_several_people_share(page: Page, family: Family) -> None:
    assert violations(page, f"/admin/households/{family.one(_GROUP, family.club)}/") == []
    page.goto("/admin/people/")
    page.get_by_label("Find people").fill(family.tag)
    page.get_by_role("button", name="Search").click()
    assert violations_here(page) == []
