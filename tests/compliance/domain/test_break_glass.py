"""Accounts for emergencies."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cdp_site.doctor.finding import Verdict
from cdp_site.doctor.sign_in import check_break_glass
from compliance.access import AccessDenied, Actor
from compliance.domain import break_glass
from compliance.domain.users import UserError
from compliance.enums import ActorKind, Channel
from compliance.models import AuditEntry, Notice, NoticeReceipt, User, UserSession
from tests.compliance.conftest import NOW, SYSTEM
from tests.compliance.second_factor import ask_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def password(db):
    return break_glass.create(name="safe", by=SYSTEM, now=NOW)


@pytest.fixture
def ada(administrator):
    client = Client()
    client.force_login(administrator)
    return client


def sign_in(password, name="break-glass-safe"):
    client = Client(REMOTE_ADDR="10.0.0.9")
    return client, client.post("/admin/login/", {"username": name, "password": password})


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def test_it_signs_in_at_once_whatever_roles_ask_for(password):
    ask_of("administrator")
    client, answer = sign_in(password)
    assert answer.url == "/admin/"
    assert is_in(client)


def test_each_use_stands_in_the_trail_and_is_told_to_who_answers_for_access(
    password, administrator, marketer
):
    sign_in(password)
    entry = AuditEntry.objects.get(action="sign_in.break_glass")
    assert (entry.actor, entry.address) == ("break-glass-safe", "10.0.0.9")
    notice = Notice.objects.get(kind="break_glass")
    assert "10.0.0.9" in notice.body
    receipts = NoticeReceipt.objects.filter(notice=notice)
    assert {each.user.username for each in receipts} == {"ada", "break-glass-safe"}
    assert {each.channel for each in receipts} == {Channel.EMAIL}


def test_a_second_use_on_the_same_day_is_told_again(password, administrator, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    client, _ = sign_in(password)
    client.post("/admin/logout/")
    time_machine.shift(timedelta(minutes=6))
    break_glass.settle(now=timezone.now())
    sign_in(password)
    assert Notice.objects.filter(kind="break_glass").count() == 2


def test_what_it_does_says_with_what_it_was_done(password):
    client, _ = sign_in(password)
    client.post(
        "/admin/settings/users/new/", {"username": "new", "password": "harbour-lights-42", "role": "marketer"}
    )
    assert AuditEntry.objects.get(action="user.create", target="user:new").actor == "break-glass-safe"


def test_home_tells_of_it_while_it_lasts(password, ada):
    client, _ = sign_in(password)
    assert "break-glass-safe is signed in from 10.0.0.9" in ada.get("/admin/").content.decode()
    client.post("/admin/logout/")
    assert "break-glass-safe is signed in" not in ada.get("/admin/").content.decode()


def test_its_session_lasts_an_hour_however_much_it_is_used(password, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    client, _ = sign_in(password)
    time_machine.shift(timedelta(minutes=45))
    assert is_in(client)
    time_machine.shift(timedelta(minutes=16))
    assert not is_in(client)


def test_the_alarm_is_over_once_nobody_is_in_with_it(password, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    client, _ = sign_in(password)
    time_machine.shift(timedelta(minutes=10))
    break_glass.settle(now=timezone.now())
    assert Notice.objects.get(kind="break_glass").ended_at is None
    client.post("/admin/logout/")
    break_glass.settle(now=timezone.now())
    assert Notice.objects.get(kind="break_glass").ended_at is not None


def test_its_password_is_to_be_renewed_after_use_and_the_doctor_says_so(password, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=1), tick=False)
    assert break_glass.to_renew() == []
    client, _ = sign_in(password)
    assert break_glass.to_renew() == ["break-glass-safe"]
    found = check_break_glass()
    assert found.verdict is Verdict.WARNING
    assert "break-glass-safe" in found.text
    time_machine.shift(timedelta(minutes=5))
    renewed = break_glass.renew(user=User.objects.get(username="break-glass-safe"), by=SYSTEM)
    assert check_break_glass().verdict is Verdict.GOOD
    assert not is_in(client)
    assert sign_in(password)[1].status_code == 200
    assert sign_in(renewed)[1].status_code == 302


def test_making_one_takes_the_right_to_manage_users(db):
    with pytest.raises(AccessDenied):
        break_glass.create(name="safe", by=Actor(ActorKind.STAFF, "mia"), now=NOW)


def test_nobody_who_may_less_makes_an_administrator_this_way(marketer):
    may = Actor(
        ActorKind.STAFF, "mia", frozenset({next(o for o in SYSTEM.operations if o == "users.manage")})
    )
    with pytest.raises(UserError, match="allows more than mia may"):
        break_glass.create(name="safe", by=may, now=NOW)


def test_another_users_password_is_not_renewed_as_if_sealed(marketer):
    with pytest.raises(UserError, match="no break-glass account"):
        break_glass.renew(user=marketer, by=SYSTEM)


def test_it_is_made_and_renewed_on_the_command_line(db, capsys):
    call_command("create_break_glass", "safe")
    first = capsys.readouterr().out.strip()
    assert sign_in(first)[1].status_code == 302
    call_command("create_break_glass", "safe", "--renew")
    second = capsys.readouterr().out.strip()
    assert sign_in(second)[1].status_code == 302
    with pytest.raises(CommandError, match="there is no user"):
        call_command("create_break_glass", "cellar", "--renew")
    with pytest.raises(CommandError, match="already"):
        call_command("create_break_glass", "safe")


def test_its_password_stands_in_the_answer_that_makes_it_and_nowhere_again(ada):
    answer = ada.post("/admin/settings/users/break-glass/", {"name": "safe"})
    user = User.objects.get(username="break-glass-safe")
    word = answer.context["password"]
    assert word in answer.content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")
    assert word not in ada.get(f"/admin/settings/users/{user.pk}/").content.decode()
    assert word not in str(list(AuditEntry.objects.values()))


def test_it_has_no_second_factor(password):
    client, _ = sign_in(password)
    assert client.get("/admin/account/factor/").url == "/admin/account/"
    assert UserSession.objects.get().second_factor_at is None
