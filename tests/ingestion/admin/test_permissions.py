"""Who may open which screen, and what is kept of it."""

import re

import pytest
from django.test import Client

from ingestion.admin.screens import _SCREENS

FORBIDDEN_TO_MARKETERS = ("sources/new/", "imports/", "imports/new/", "imports/1/", "imports/1/errors.csv")


@pytest.mark.parametrize("path", ["", "sources/", "live/", "rejections/", "imports/"])
def test_nobody_sees_a_screen_without_signing_in(db, path):
    answer = Client().get(f"/admin/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_part_of_a_page_asks_for_the_sign_in_by_loading_the_page(db):
    answer = Client().get("/admin/live/rows/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Refresh"] == "true"


def test_staff_without_a_role_see_nothing_of_ingestion(client_of):
    newcomer = client_of()
    for screen in _SCREENS:
        if "<" not in screen.path:
            assert newcomer.get(f"/admin/{screen.path}").status_code == 403, screen.path


@pytest.mark.parametrize("path", FORBIDDEN_TO_MARKETERS)
def test_a_marketer_is_refused_and_told_what_is_missing_and_it_is_kept(marketer, audited, path):
    answer = marketer.get(f"/admin/{path}")
    assert answer.status_code == 403
    needed = "sources.manage" if path.startswith("sources") else "imports.run"
    assert needed in answer.content.decode()
    assert re.search(r"<strong>[^<]*administrator", answer.content.decode()), "says who may"
    assert [entry.target for entry in audited("access.denied")] == [needed]


def test_a_marketer_changes_nothing_of_a_source(marketer, source):
    key = source.write_keys.get()
    for path in ("keys/", f"keys/{key.pk}/disable/", "disable/", "enable/"):
        assert marketer.post(f"/admin/sources/{source.pk}/{path}").status_code == 403
    source.refresh_from_db()
    assert source.is_enabled
    assert [each.is_active for each in source.write_keys.all()] == [True]


def test_a_marketer_sees_no_write_key(marketer, source):
    page = marketer.get(f"/admin/sources/{source.pk}/").content.decode()
    assert "WRITEKEY1" not in page
    assert "YOUR_WRITE_KEY" in page


def test_parts_that_renew_themselves_show_what_the_page_showed(administrator, marketer, source, live_event):
    for client in (administrator, marketer):
        page = client.get(f"/admin/sources/{source.pk}/").content.decode()
        part = client.get(f"/admin/sources/{source.pk}/figures/").content.decode()
        for text in ("Last events", "Order Completed", "Events by name"):
            assert text in page
            assert text in part


def test_actions_are_posts(administrator, source):
    for path in ("keys/", "visits/", "disable/", "enable/"):
        assert administrator.get(f"/admin/sources/{source.pk}/{path}").status_code == 405


def test_an_action_without_its_token_changes_nothing(administrator, source):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = administrator.cookies
    answer = strict.post(f"/admin/sources/{source.pk}/disable/")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
    source.refresh_from_db()
    assert source.is_enabled
