"""One's own account, and what an administrator does about that of somebody else."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from compliance.domain import second_factors
from compliance.models import AuditEntry, UserSession
from tests.compliance.conftest import PASSWORD
from tests.compliance.second_factor import Phone, ask_of, secret_in, with_app

pytestmark = pytest.mark.django_db
NEW = "lanterns-over-water-9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(username="mia", password=PASSWORD) -> Client:
    client = Client(HTTP_USER_AGENT=FIREFOX)
    client.post("/admin/login/", {"username": username, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post("/admin/account/password/", {"old": old, "new": new, "again": again or new})


def test_a_changed_password_ends_all_sessions_but_this_one(marketer):
    here, there = signed_in(), signed_in()
    assert change(here).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert is_in(signed_in(password=NEW))
    assert AuditEntry.objects.get(action="user.change_password").actor == "mia"


def test_the_session_gets_a_new_key_with_the_password(marketer):
    here = signed_in()
    former = here.cookies["sessionid"].value
    change(here)
    thief = Client()
    thief.cookies["sessionid"] = former
    assert not is_in(thief)


def test_it_takes_the_present_password(marketer):
    here = signed_in()
    assert change(here, old="wrong").status_code == 400
    assert change(here, again="other").status_code == 400
    marketer.refresh_from_db()
    assert marketer.check_password(PASSWORD)


def test_the_last_five_passwords_are_not_taken_again(marketer):
    here, words = signed_in(), [PASSWORD, *(f"{NEW}-{number}" for number in range(5))]
    for old, new in pairwise(words):
        assert change(here, old=old, new=new).status_code == 302
        refused = change(here, old=new, new=old)
        assert refused.status_code == 400
        assert "You had this password already" in refused.content.decode()
    assert change(here, old=words[-1], new=PASSWORD).status_code == 302


def test_ones_own_sessions_are_listed_and_ended(marketer):
    here, there, third = signed_in(), signed_in(), signed_in()
    page = here.get("/admin/account/").content.decode()
    assert page.count("Firefox on Linux") == 3
    assert page.count("This one") == 1
    other = re.findall(r"/admin/account/sessions/(\d+)/end/", page)
    assert len(other) == 2
    here.post(f"/admin/account/sessions/{other[0]}/end/")
    assert [is_in(there), is_in(third)].count(True) == 1
    here.post("/admin/account/sessions/end/")
    assert is_in(here)
    assert UserSession.objects.count() == 1


def test_nobody_ends_a_session_that_is_not_theirs(marketer, administrator):
    hers = signed_in("ada")
    session = UserSession.objects.get()
    here = signed_in()
    here.post(f"/admin/account/sessions/{session.pk}/end/")
    assert is_in(hers)


def test_an_app_is_set_up_by_oneself_and_ends_other_sessions(marketer):
    here, there = signed_in(), signed_in()
    phone = Phone(secret_in(here.get("/admin/account/factor/").content.decode()))
    done = here.post("/admin/account/factor/", {"code": phone.code()})
    assert len(re.findall(r">[a-z0-9]{5}-[a-z0-9]{5}<", done.content.decode())) == 10
    assert is_in(here)
    assert not is_in(there)
    ask_of("marketer")
    assert is_in(here)


def test_new_recovery_codes_and_removal(marketer):
    with_app(marketer)
    here = Client()
    here.force_login(marketer)
    assert here.post("/admin/account/factor/codes/").status_code == 200
    here.post("/admin/account/factor/remove/", {"password": "wrong"})
    assert second_factors.has_one(marketer)
    here.post("/admin/account/factor/remove/", {"password": PASSWORD})
    assert not second_factors.has_one(marketer)
    assert is_in(here)


def test_an_administrator_sees_sessions_ends_them_and_resets_the_factor(as_administrator, marketer):
    there, address = signed_in(), f"/admin/settings/users/{marketer.pk}/"
    page = as_administrator.get(address).content.decode()
    assert "Firefox on Linux" in page
    session = UserSession.objects.get(user=marketer)
    as_administrator.post(f"{address}sessions/{session.pk}/end/")
    assert not is_in(there)
    again = signed_in()
    as_administrator.post(f"{address}sessions/end/")
    assert not is_in(again)
    with_app(marketer)
    as_administrator.post(f"{address}factor/reset/")
    assert not second_factors.has_one(marketer)


def test_who_has_to_wait_is_listed_and_let_in(as_administrator, marketer):
    for _ in range(5):
        signed_in(password="wrong")
    assert "Has to wait" in as_administrator.get("/admin/settings/users/").content.decode()
    as_administrator.post(f"/admin/settings/users/{marketer.pk}/unlock/")
    assert is_in(signed_in())


def test_a_role_is_made_to_ask_for_a_second_factor(as_administrator, marketer):
    role = marketer.roles[0]
    as_administrator.post(f"/admin/settings/roles/{role.pk}/factor/", {"required": "yes"})
    assert second_factors.needs_one(marketer)
    as_administrator.post(f"/admin/settings/roles/{role.pk}/factor/", {"required": "no"})
    assert not second_factors.needs_one(marketer)


def test_djangos_own_page_for_passwords_leads_to_ours(as_marketer):
    assert as_marketer.get("/admin/password_change/").url == "/admin/account/password/"


def test_a_page_of_a_user_costs_few_queries(as_administrator, marketer, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        as_administrator.get(f"/admin/settings/users/{marketer.pk}/")


def test_when_a_session_was_last_used_is_right_to_the_minute(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    here = signed_in()
    time_machine.shift(timedelta(seconds=59))
    is_in(here)
    assert UserSession.objects.get().seen_at == timezone.now() - timedelta(seconds=59)
    time_machine.shift(timedelta(seconds=1))
    is_in(here)
    assert UserSession.objects.get().seen_at == timezone.now()
