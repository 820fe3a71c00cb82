"""Signing in, step by step, through the pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from compliance.access import Actor
from compliance.domain import passwords, second_factors
from compliance.domain.users import UserError
from compliance.models import AuditEntry, LocalAccount, UserSession
from tests.compliance.conftest import PASSWORD
from tests.compliance.second_factor import Phone, ask_of, secret_in, with_app

pytestmark = pytest.mark.django_db
LOGIN, CODE, ENROL, CHOOSE = (
    "/admin/login/",
    "/admin/login/code/",
    "/admin/login/factor/",
    "/admin/login/password/",
)
NEW = "lanterns-over-water-9"


def password(client, name="mia", word=PASSWORD, **more):
    return client.post(LOGIN, {"username": name, "password": word, **more})


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def test_without_a_second_factor_the_password_is_enough(client, marketer):
    assert password(client).url == "/admin/"
    assert is_in(client)
    assert UserSession.objects.get().second_factor_at is None


def test_a_code_is_asked_for_after_the_password(client, marketer):
    with_app(marketer)
    assert password(client).url == CODE
    assert not is_in(client)
    wrong = client.post(CODE, {"code": "000000"})
    assert wrong.status_code == 400
    assert not is_in(client)


def test_with_the_right_code_one_is_in(client, marketer):
    phone, _ = with_app(marketer)
    password(client, next="/admin/people/")
    assert client.post(CODE, {"code": phone.code()}).url == "/admin/people/"
    assert is_in(client)
    assert UserSession.objects.get().second_factor_at is not None
    assert AuditEntry.objects.filter(action="sign_in.done").count() == 1


def test_a_recovery_code_does_as_well(client, marketer):
    _, codes = with_app(marketer)
    password(client)
    assert client.post(CODE, {"code": codes[3]}).url == "/admin/"
    assert is_in(client)


def test_who_takes_too_long_begins_again(client, marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    phone, _ = with_app(marketer)
    password(client)
    time_machine.shift(timedelta(minutes=11))
    assert client.post(CODE, {"code": phone.code()}).url == LOGIN
    assert not is_in(client)


def test_who_is_shut_out_meanwhile_gets_no_further(client, marketer):
    phone, _ = with_app(marketer)
    password(client)
    marketer.is_active = False
    marketer.save()
    assert client.post(CODE, {"code": phone.code()}).url == LOGIN
    assert not is_in(client)


def test_a_role_leads_to_setting_an_app_up_before_anything_else(client, marketer):
    ask_of("marketer")
    assert password(client).url == ENROL
    assert not is_in(client)
    page = client.get(ENROL).content.decode()
    assert "<svg" in page
    phone = Phone(secret_in(page))
    done = client.post(ENROL, {"code": phone.code()})
    assert done.status_code == 200
    assert len(re.findall(r">[a-z0-9]{5}-[a-z0-9]{5}<", done.content.decode())) == 10
    assert is_in(client)
    assert second_factors.has_one(marketer)


def test_a_wrong_code_sets_nothing_up(client, marketer):
    ask_of("marketer")
    password(client)
    secret = secret_in(client.get(ENROL).content.decode())
    again = client.post(ENROL, {"code": "000000"})
    assert again.status_code == 400
    assert secret_in(again.content.decode()) == secret
    assert not is_in(client)


def test_who_was_in_when_a_role_began_to_ask_signs_in_again(client, marketer):
    password(client)
    assert is_in(client)
    ask_of("marketer")
    assert not is_in(client)
    assert password(client).url == ENROL


def test_a_password_that_was_given_is_changed_first(client, marketer):
    passwords.ask_to_change(marketer)
    assert password(client).url == CHOOSE
    assert not is_in(client)
    assert client.post(CHOOSE, {"new": PASSWORD, "again": PASSWORD}).status_code == 400
    assert client.post(CHOOSE, {"new": NEW, "again": "other"}).status_code == 400
    assert client.post(CHOOSE, {"new": "short", "again": "short"}).status_code == 400
    assert not is_in(client)
    assert client.post(CHOOSE, {"new": NEW, "again": NEW}).url == "/admin/"
    assert is_in(client)
    assert password(Client(), word=NEW).url == "/admin/"


def test_a_code_comes_before_a_new_password(client, marketer):
    phone, _ = with_app(marketer)
    passwords.ask_to_change(marketer)
    password(client)
    assert client.post(CHOOSE, {"new": NEW, "again": NEW}).url == LOGIN
    assert marketer.check_password(PASSWORD)
    password(client)
    assert client.post(CODE, {"code": phone.code()}).url == CHOOSE
    client.post(CHOOSE, {"new": NEW, "again": NEW})
    assert is_in(client)


def test_a_password_that_is_too_old_is_changed_first(client, marketer, settings, time_machine):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    LocalAccount.objects.filter(user=marketer).update(password_set_at="2026-08-01T00:00:00Z")
    assert password(client).url == CHOOSE


def test_nobody_opens_a_step_without_the_password(client, marketer):
    for page in (CODE, ENROL, CHOOSE):
        assert client.get(page).url == LOGIN
        assert client.post(page, {"code": "000000", "new": NEW, "again": NEW}).url == LOGIN


def test_a_key_from_before_the_password_does_not_take_part(marketer):
    """Whoever planted a cookie could otherwise set up an app of their own in the other's name."""
    ask_of("marketer")
    planted = Client().session
    planted["x"] = 1
    planted.save()
    assert planted.session_key
    victim, thief = Client(), Client()
    victim.cookies["sessionid"] = thief.cookies["sessionid"] = planted.session_key
    password(victim)
    assert thief.get(ENROL)["Location"] == LOGIN


def test_users_made_in_the_admin_choose_their_own_password(client, administrator):
    client.force_login(administrator)
    made = client.post(
        "/admin/settings/users/new/", {"username": "new", "password": PASSWORD, "role": "marketer"}
    )
    assert made.status_code == 302
    assert password(Client(), name="new").url == CHOOSE


def test_who_lost_the_password_gets_another_that_is_changed_first(client, marketer, administrator):
    hers = Client()
    password(hers)
    client.force_login(administrator)
    given = client.post(f"/admin/settings/users/{marketer.pk}/password/")
    shown = re.search(r"(?:[a-z0-9]{4}-){4}[a-z0-9]{4}", given.content.decode())
    assert shown
    assert not is_in(hers)
    assert password(hers, word=shown[0]).url == CHOOSE
    assert AuditEntry.objects.get(action="user.give_password").target == "user:mia"


def test_a_users_own_password_is_not_given_by_themselves(administrator):
    with pytest.raises(UserError, match="account page"):
        passwords.give(user=administrator, by=Actor.system("ada"))
    assert administrator.check_password(PASSWORD)
