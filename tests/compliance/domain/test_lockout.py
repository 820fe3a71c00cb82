"""Who has to wait after too many wrong passwords."""

from datetime import timedelta
from typing import ClassVar

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from compliance.access import AccessDenied, Actor
from compliance.domain import lockout
from compliance.enums import ActorKind
from compliance.models import AuditEntry, KnownPlace
from tests.compliance.conftest import PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
HERE, THERE = "10.0.0.7", "10.0.0.8"


def attempt(password, *, name="mia", address=HERE, **headers):
    return Client().post(
        "/admin/login/", {"username": name, "password": password}, REMOTE_ADDR=address, **headers
    )


def guess(times, **options):
    return [attempt("wrong", **options).status_code for _ in range(times)]


def test_who_guesses_has_to_wait_and_is_told_for_how_long(marketer):
    assert guess(5) == [200, 200, 200, 200, 429]
    locked = attempt(PASSWORD)
    assert locked.status_code == 429
    assert 0 < int(locked["Retry-After"]) <= 900
    assert "It can be tried again in 15 minutes" in locked.content.decode()


def test_it_ends_by_itself_and_trying_meanwhile_does_not_make_it_longer(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    guess(5)
    time_machine.shift(timedelta(minutes=14))
    assert guess(3) == [429] * 3
    time_machine.shift(timedelta(minutes=1, seconds=1))
    assert attempt(PASSWORD).status_code == 302


def test_who_guesses_locks_their_address_out_and_not_the_person(marketer):
    guess(20)
    assert attempt(PASSWORD, address=THERE).status_code == 302


def test_a_whole_staff_is_not_locked_out_from_one_address(marketer, administrator):
    guess(20)
    guess(20, name="ada")
    assert attempt(PASSWORD, address=THERE).status_code == 302
    assert attempt(PASSWORD, address=THERE, name="ada").status_code == 302


def test_guessing_from_many_addresses_makes_a_name_wait_everywhere(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    for number in range(8):
        guess(4, address=f"10.1.0.{number}")
    assert attempt(PASSWORD).status_code == 429
    time_machine.shift(timedelta(minutes=59))
    assert attempt(PASSWORD).status_code == 429
    time_machine.shift(timedelta(minutes=2))
    assert attempt(PASSWORD).status_code == 302


def guess_everywhere():
    for number in range(8):
        guess(4, address=f"10.1.0.{number}")


def test_strangers_keep_nobody_out_of_where_they_signed_in_before(marketer, administrator):
    assert attempt(PASSWORD).status_code == 302
    guess_everywhere()
    assert attempt(PASSWORD, address=THERE).status_code == 429
    assert attempt(PASSWORD).status_code == 302
    assert attempt(PASSWORD, name="ada", address=THERE).status_code == 302


def test_a_place_that_is_known_is_no_place_to_guess(marketer):
    assert attempt(PASSWORD).status_code == 302
    guess_everywhere()
    assert guess(5)[-1] == 429
    assert attempt(PASSWORD).status_code == 429


def test_a_place_is_known_to_the_name_that_signed_in_there_alone(marketer, administrator):
    assert attempt(PASSWORD, name="ada").status_code == 302
    guess_everywhere()
    assert attempt(PASSWORD).status_code == 429


def test_a_place_where_nobody_was_for_long_is_known_no_more(marketer, time_machine):
    time_machine.move_to("2026-08-01 12:00:00+00:00", tick=False)
    assert attempt(PASSWORD).status_code == 302
    time_machine.shift(timedelta(days=91))
    guess_everywhere()
    assert attempt(PASSWORD).status_code == 429
    lockout.forget_old(now=timezone.now())
    assert not KnownPlace.objects.exists()


def test_a_network_of_one_machine_is_one_place(marketer):
    """Else its owner would guess as often as they like, or keep anybody out alone."""
    codes = [attempt("wrong", address=f"2001:db8:7:7::{number}").status_code for number in range(6)]
    assert codes == [200, 200, 200, 200, 429, 429]
    assert attempt(PASSWORD, address="2001:db8:7:8::1").status_code == 302


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:DB8::a:b:c:d", "2001:db8::"),
        ("", "::"),
        ("nonsense", "::"),
    ],
)
def test_what_counts_as_one_place(address, place):
    assert lockout.place_of(address) == place


def test_a_forged_address_does_not_help(marketer):
    codes = [attempt("wrong", HTTP_X_FORWARDED_FOR=f"10.9.9.{number}").status_code for number in range(6)]
    assert codes[-1] == 429


def test_behind_a_proxy_the_clients_are_told_apart(marketer, settings):
    settings.TRUSTED_PROXIES = [HERE]
    guess(5, HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert attempt(PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.5").status_code == 429
    assert attempt(PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.6").status_code == 302


def test_a_sign_in_makes_up_for_what_was_wrong_before(marketer):
    guess(4)
    assert attempt(PASSWORD).status_code == 302
    assert guess(4) == [200] * 4


@pytest.mark.parametrize("spelling", ["MIA", " mia ", "ｍｉａ"])
def test_spellings_of_a_name_are_one(marketer, spelling):
    guess(4)
    assert attempt("wrong", name=spelling).status_code == 429


def test_nothing_that_was_typed_is_kept(marketer, caplog):
    attempt("also secret", name="My secret password 9")
    row = AccessAttempt.objects.get()
    assert "ecret" not in str(AccessAttempt.objects.values().get()) + caplog.text
    assert (row.username, row.user_agent) == (lockout.shown_as("my secret password 9"), "")


def test_an_administrator_sees_who_waits_and_lets_them_try_again(marketer, administrator):
    guess(5)
    locked = lockout.locked_of([marketer, administrator], now=timezone.now())
    assert set(locked) == {marketer.pk}
    lockout.unlock(user=marketer, by=SYSTEM)
    assert attempt(PASSWORD).status_code == 302
    assert AuditEntry.objects.get(action="user.unlock").target == "user:mia"


def test_unlocking_takes_the_right_to_manage_users(marketer):
    with pytest.raises(AccessDenied):
        lockout.unlock(user=marketer, by=Actor(ActorKind.STAFF, "mia"))


def test_it_stands_in_the_trail(marketer):
    guess(5)
    attempt(PASSWORD)
    assert AuditEntry.objects.filter(action="sign_in.failed").count() == 6
    assert AuditEntry.objects.filter(action="sign_in.failed", detail={"locked": True}).exists()
    entry = AuditEntry.objects.get(action="sign_in.locked")
    assert (entry.address, entry.target, len(entry.subjects)) == (HERE, "user", 1)


def test_what_is_old_is_forgotten(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    guess(1)
    time_machine.shift(timedelta(hours=25))
    guess(1, address=THERE)
    assert lockout.forget_old(now=timezone.now()) == 1
    assert AccessAttempt.objects.get().ip_address == THERE


class Asked:
    """Stands where the directory does, behind the others, and keeps who was asked for."""

    names: ClassVar[list[str]] = []

    def authenticate(self, request, username=None, password=None):
        self.names.append(username)


def test_no_directory_is_asked_for_who_has_to_wait(marketer, settings):
    Asked.names.clear()
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, f"{__name__}.Asked"]
    guess(8)
    assert Asked.names == ["mia"] * 5
