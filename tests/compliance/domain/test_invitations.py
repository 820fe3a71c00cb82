"""The first administrator: no default password, a code that works once."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from compliance.domain.invitations import accept, invite_administrator
from compliance.domain.users import UserError
from compliance.models import AuditEntry, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db


def invite(name="ada"):
    return invite_administrator(username=name, by=SYSTEM, now=NOW)


def post(client, code, *, name="ada", password=PASSWORD):
    return client.post("/admin/welcome/", {"username": name, "code": code, "password": password})


def test_an_administrator_chooses_a_password_once(client, capsys):
    call_command("create_administrator", "ada")
    code = capsys.readouterr().out.strip()
    ada = User.objects.get(username="ada")
    assert not ada.has_usable_password()
    assert [str(role) for role in ada.roles] == ["administrator"]
    assert client.get("/admin/welcome/").status_code == 200
    assert post(client, code)["Location"].startswith("/admin/login/")
    assert post(client, code, password="another-harbour-7").status_code == 400
    assert client.login(username="ada", password=PASSWORD)
    assert client.get("/admin/settings/users/").status_code == 200
    assert {"user.invite", "user.accept"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize("code", ["", "x", "c1x2y3-0123456789abcdef0123456789abcdef"])
def test_a_wrong_code_gives_nothing_and_tells_nothing(client, code):
    invite()
    answers = [post(client, code), post(client, code, name="nobody")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(b"The name or the code is wrong" in answer.content for answer in answers)
    assert not User.objects.get(username="ada").has_usable_password()


def test_a_code_is_good_for_a_day(settings):
    code = invite()
    settings.PASSWORD_RESET_TIMEOUT = -1
    with pytest.raises(UserError, match="older than a day"):
        accept(username="ada", code=code, password=PASSWORD)


def test_a_code_is_for_one_account():
    code = invite()
    invite("eve")
    with pytest.raises(UserError):
        accept(username="eve", code=code, password=PASSWORD)


def test_a_weak_password_leaves_the_code(client):
    code = invite()
    answer = post(client, code, password="ada")
    assert b"too short" in answer.content
    assert post(client, code).status_code == 302


def test_who_can_sign_in_is_not_invited(administrator):
    with pytest.raises(CommandError, match="changepassword ada"):
        call_command("create_administrator", "ADA")


def test_who_is_shut_out_does_not_accept():
    code = invite()
    User.objects.update(is_active=False)
    with pytest.raises(UserError):
        accept(username="ada", code=code, password=PASSWORD)


@pytest.mark.parametrize("name", ["", "a b", "x" * 200, "<ada>"])
def test_a_name_that_cannot_be_one(name):
    with pytest.raises(UserError):
        invite(name)
    assert not User.objects.exists()
