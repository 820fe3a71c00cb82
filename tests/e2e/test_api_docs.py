"""The page of the REST API in a browser, under a policy that allows no script and no style but those of files."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_it_lists_the_operations_and_breaks_no_policy(sign_in):
    page = sign_in("administrator")
    page.goto("/api/docs/")
    expect(page.get_by_text("/api/v1/profiles/lookup/")).to_be_visible()
    page.get_by_text("/api/v1/profiles/lookup/").click()
    expect(page.get_by_role("button", name="Try it out").first).to_be_visible()
