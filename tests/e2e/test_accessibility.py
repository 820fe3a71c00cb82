"""Every screen of the navigation, and every form and list beside them that needs no data: axe-core finds nothing serious,
in light and dark, on a desk and on a phone, and nothing fails to load. Pages of data are looked at where tests make them.
"""

from typing import Any

import pytest

from tests.e2e.axe import AXE, DESK, failures, violations
from tests.e2e.product import Product

pytestmark = pytest.mark.browser

KINDS = ("sql", "rest", "folder", "sftp", "s3", "mqtt")
BESIDE = [  # in no section of the navigation
    "/admin/inbox/",
    "/admin/inbox/?show=all",
    "/admin/runbooks/consumers/",
    "/admin/trace/",
    "/admin/trace/axe-2/",
    "/admin/catalogue/keys/",
    "/admin/imports/new/",
    "/admin/sources/new/",
    "/admin/sources/1/",
    "/admin/plans/1/",
    "/admin/webhooks/new/",
    "/admin/webhooks/new/?begin=nps",
    "/admin/topics/profiles.events/",
    "/admin/topics/profiles.events/settings/",
    "/admin/consumers/profiles/",
    "/admin/dead-letters/resubmissions/",
    "/admin/identity/changes/",
    "/admin/identity/namespaces/email/",
    "/admin/settings/users/new/",
    "/admin/settings/tokens/new/",
    "/admin/settings/roles/new/",
    "/admin/settings/roles/1/",
    "/admin/settings/users/1/access/",
    "/admin/account/access/",
    "/admin/privacy/approvals/settings/",
    *(f"/admin/connections/new/?kind={kind}" for kind in KINDS),
]


@pytest.fixture
def seen(product: Product) -> None:
    """Something that pages show."""
    product.send(
        {"type": "identify", "userId": "axe-1", "messageId": "axe-1", "traits": {"name": "Axel", "city": "Leeds"}},
        {"type": "track", "userId": "axe-1", "messageId": "axe-2", "event": "Ordered"},
    )  # fmt: skip
    product.wait_for_people(1)


def test_no_screen_shuts_anybody_out(sign_in: Any, product: Product, seen: None) -> None:
    assert AXE.is_file(), "axe-core is missing: bin/setup test installs it"
    page = sign_in("administrator", viewport=DESK)
    failed = failures(page)
    page.goto("/admin/")
    screens = page.eval_on_selector_all(
        "#nav-sidebar-apps a", "links => links.map((link) => link.getAttribute('href'))"
    )
    assert len(screens) > 15
    assert len(set(screens)) == len(screens)
    assert [problem for path in [*screens, *BESIDE] for problem in violations(page, path)] == []
    assert failed == []
