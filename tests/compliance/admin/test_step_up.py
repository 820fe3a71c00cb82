"""What matters most asks again who it is."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.models import ApiToken, AuditEntry, UserSession
from streaming.screens import registered_screens
from tests.compliance.conftest import PASSWORD
from tests.compliance.second_factor import with_app

pytestmark = pytest.mark.django_db
TOKEN = {"name": "Support desk", "scope": ["people.view", "people.search"], "days": "30"}
NEW_TOKEN = "/admin/settings/tokens/new/"


@pytest.fixture
def stale(as_administrator):
    """Whoever has been in for a while."""
    UserSession.objects.update(proved_at=timezone.now() - timedelta(minutes=16))
    return as_administrator


def test_a_fresh_sign_in_is_not_asked_again(as_administrator):
    assert as_administrator.get(NEW_TOKEN).status_code == 200


def test_what_is_sent_waits_for_the_password_and_then_goes_on(stale):
    asked = stale.post(NEW_TOKEN, TOKEN)
    assert asked.status_code == 403
    assert not ApiToken.objects.exists()
    assert re.findall(r'name="scope" value="([^"]+)"', asked.content.decode()) == TOKEN["scope"]
    done = stale.post(NEW_TOKEN, {**TOKEN, "_asked": "POST", "_proof": PASSWORD})
    assert done.status_code == 200
    assert set(ApiToken.objects.get().scopes) == set(TOKEN["scope"])


def test_a_page_is_shown_after_the_password(stale):
    assert stale.get(f"{NEW_TOKEN}?x=1").status_code == 403
    done = stale.post(f"{NEW_TOKEN}?x=1", {"_asked": "GET", "_proof": PASSWORD})
    assert done.url == f"{NEW_TOKEN}?x=1"
    assert stale.get(NEW_TOKEN).status_code == 200
    assert not ApiToken.objects.exists()


def test_a_wrong_password_goes_nowhere_and_counts_as_a_failure(stale):
    for _ in range(4):
        assert stale.post(NEW_TOKEN, {**TOKEN, "_asked": "POST", "_proof": "wrong"}).status_code == 403
    assert not ApiToken.objects.exists()
    assert AuditEntry.objects.filter(action="sign_in.failed").count() == 4
    assert stale.post(NEW_TOKEN, {**TOKEN, "_asked": "POST", "_proof": "wrong"}).status_code == 429
    assert stale.post(NEW_TOKEN, {**TOKEN, "_asked": "POST", "_proof": PASSWORD}).status_code == 429


def test_a_code_of_the_app_does_as_well_once(stale, administrator):
    phone, _ = with_app(administrator)
    code = phone.code()
    assert stale.post(NEW_TOKEN, {"_asked": "GET", "_proof": code}).status_code == 302
    UserSession.objects.update(proved_at=None)
    assert stale.post(NEW_TOKEN, {"_asked": "GET", "_proof": code}).status_code == 403


def test_the_password_of_somebody_else_does_not_count(stale, marketer):
    marketer.set_password("another-harbour-7")
    marketer.save()
    assert stale.post(NEW_TOKEN, {"_asked": "GET", "_proof": "another-harbour-7"}).status_code == 403


def test_no_page_repeats_a_password_that_was_typed(stale):
    sent = {"username": "new", "password": "typed-by-hand-77", "role": "marketer"}
    assert "typed-by-hand-77" not in stale.post("/admin/settings/users/new/", sent).content.decode()


def test_what_was_sent_is_shown_as_text(stale):
    page = stale.post(NEW_TOKEN, {**TOKEN, "name": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_it_counts_for_a_quarter_of_an_hour(as_administrator, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=14), tick=False)
    assert as_administrator.get(NEW_TOKEN).status_code == 200
    time_machine.shift(timedelta(minutes=2))
    assert as_administrator.get(NEW_TOKEN).status_code == 403


def test_who_may_not_is_told_so_and_not_asked(as_marketer):
    UserSession.objects.update(proved_at=None)
    assert "Not for your role" in as_marketer.get(NEW_TOKEN).content.decode()


def test_what_matters_most_asks():
    asking = {screen.name for screen in registered_screens() if screen.needs_proof}
    assert asking >= {
        "user_new", "user_roles", "user_password", "user_factor_reset", "break_glass_new", "break_glass_renew",
        "role_factor", "token_new", "audit_export", "account_factor", "account_codes", "person_export",
    }  # fmt: skip
