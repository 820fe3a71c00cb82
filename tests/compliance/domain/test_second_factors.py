"""Apps with codes, and recovery codes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.access import Actor
from compliance.domain import second_factors
from compliance.domain.second_factors import Answer
from compliance.domain.users import UserError
from compliance.models import AuditEntry, Authenticator, Notice, NoticeReceipt, RecoveryCode, Role
from compliance.sealed_columns import renew
from compliance.secrets import unseal
from tests.compliance.conftest import PASSWORD, SYSTEM
from tests.compliance.second_factor import ask_of, own, with_app

pytestmark = pytest.mark.django_db
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _still(time_machine):
    time_machine.move_to("2026-11-24 12:00:10+00:00", tick=False)


def verify(user, typed):
    return second_factors.verify(user=user, typed=typed, by=own(user), now=timezone.now())


def test_a_code_is_right_once(marketer):
    phone, _ = with_app(marketer)
    assert verify(marketer, phone.code()) is Answer.RIGHT
    assert verify(marketer, phone.code()) is Answer.WRONG


def test_a_code_from_before_one_that_was_taken_is_not(marketer, time_machine):
    phone, _ = with_app(marketer)
    before = phone.code()
    time_machine.shift(HALF_A_MINUTE)
    assert verify(marketer, phone.code()) is Answer.RIGHT
    assert verify(marketer, before) is Answer.WRONG


def test_a_clock_may_be_off_by_half_a_minute_and_no_more(marketer, time_machine):
    phone, _ = with_app(marketer)
    now = timezone.now()
    assert verify(marketer, phone.code(now - 2 * HALF_A_MINUTE)) is Answer.WRONG
    time_machine.shift(10 * HALF_A_MINUTE)
    now = timezone.now()
    assert verify(marketer, phone.code(now + 2 * HALF_A_MINUTE)) is Answer.WRONG
    time_machine.shift(10 * HALF_A_MINUTE)
    assert verify(marketer, phone.code(timezone.now() - HALF_A_MINUTE)) is Answer.RIGHT


def test_a_clock_that_goes_wrong_slowly_is_followed(marketer, time_machine):
    phone, _ = with_app(marketer)
    for steps in range(1, 5):
        time_machine.shift(10 * HALF_A_MINUTE)
        assert verify(marketer, phone.code(timezone.now() - steps * HALF_A_MINUTE)) is Answer.RIGHT


def test_codes_with_a_gap_are_read(marketer):
    phone, _ = with_app(marketer)
    code = phone.code()
    assert verify(marketer, f" {code[:3]} {code[3:]} ") is Answer.RIGHT


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "-12345", "١٢٣٤٥٦", "0x1234", "\0"])
def test_what_is_no_code_is_wrong(marketer, typed):
    with_app(marketer)
    assert verify(marketer, typed) is Answer.WRONG


def test_wrong_codes_have_to_wait_longer_and_longer(marketer, time_machine):
    phone, _ = with_app(marketer)
    for wait in (1, 2, 4, 8):
        assert verify(marketer, "000000") is Answer.WRONG
        assert verify(marketer, phone.code()) is Answer.TOO_SOON
        time_machine.shift(timedelta(seconds=wait))
    assert verify(marketer, phone.code()) is Answer.RIGHT
    assert AuditEntry.objects.filter(action="sign_in.wrong_code", target="user:mia").count() == 4


def test_nobody_is_kept_out_for_longer_than_nine_minutes(marketer, time_machine):
    phone, _ = with_app(marketer)
    for _ in range(15):
        assert verify(marketer, "000000") is Answer.WRONG
        time_machine.shift(timedelta(minutes=9))
    assert verify(marketer, phone.code()) is Answer.RIGHT


def test_a_recovery_code_is_right_once(marketer):
    _, codes = with_app(marketer)
    assert len(set(codes)) == 10
    assert verify(marketer, codes[0].upper().replace("-", "")) is Answer.RIGHT
    assert second_factors.codes_left(marketer) == 9
    assert verify(marketer, codes[0]) is Answer.WRONG
    assert AuditEntry.objects.filter(action="second_factor.recover").count() == 1


def test_a_recovery_code_is_of_one_person(marketer, administrator):
    _, codes = with_app(marketer)
    with_app(administrator)
    assert verify(administrator, codes[0]) is Answer.WRONG


def test_new_recovery_codes_take_the_place_of_the_former(marketer):
    _, former = with_app(marketer)
    second_factors.renew_codes(user=marketer, by=own(marketer))
    assert verify(marketer, former[0]) is Answer.WRONG
    assert second_factors.codes_left(marketer) == 10


def test_neither_secret_nor_codes_are_kept_in_clear(marketer):
    _, codes = with_app(marketer)
    app = Authenticator.objects.get()
    assert unseal(app.secret)["key"] not in app.secret
    kept = str(list(RecoveryCode.objects.values_list("hash", flat=True)))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_secrets_are_encrypted_anew_with_a_new_key(marketer, settings):
    phone, _ = with_app(marketer)
    settings.SECRETS_KEYS = ["another key of forty characters at least", *settings.SECRETS_KEYS]
    assert renew()["second factors"] == 1
    settings.SECRETS_KEYS = settings.SECRETS_KEYS[:1]
    assert verify(marketer, phone.code()) is Answer.RIGHT


def test_an_app_counts_only_once_it_has_shown_a_code(marketer):
    second_factors.begin_enrolment(marketer)
    assert not second_factors.has_one(marketer)
    assert second_factors.confirm(user=marketer, code="000000", by=own(marketer), now=timezone.now()) is None
    assert not second_factors.has_one(marketer)


def test_another_app_takes_the_place_of_the_first_once_it_is_confirmed(marketer, time_machine):
    first, _ = with_app(marketer)
    second_factors.begin_enrolment(marketer)
    assert verify(marketer, first.code()) is Answer.RIGHT
    time_machine.shift(10 * HALF_A_MINUTE)
    second, _ = with_app(marketer)
    assert verify(marketer, first.code()) is Answer.WRONG
    time_machine.shift(10 * HALF_A_MINUTE)
    assert verify(marketer, second.code()) is Answer.RIGHT


def test_a_role_asks_for_one(marketer):
    role = Role.objects.get(group__name="marketer")
    assert not second_factors.needs_one(marketer)
    second_factors.require_of_role(role=role, required=True, by=SYSTEM)
    assert second_factors.needs_one(marketer)
    entry = AuditEntry.objects.get(action="role.second_factor")
    assert (entry.target, entry.detail) == ("role:marketer", {"required": True})


def test_who_needs_one_cannot_remove_it(marketer):
    with_app(marketer)
    ask_of("marketer")
    with pytest.raises(UserError, match="your role asks"):
        second_factors.remove_own(user=marketer, password=PASSWORD, by=own(marketer), kept=None)


def test_removing_ones_own_takes_the_password(marketer):
    with_app(marketer)
    with pytest.raises(UserError, match="password is wrong"):
        second_factors.remove_own(user=marketer, password="wrong", by=own(marketer), kept=None)
    second_factors.remove_own(user=marketer, password=PASSWORD, by=own(marketer), kept=None)
    assert not second_factors.has_one(marketer)


def test_an_administrator_resets_it_and_its_owner_is_told(marketer):
    with_app(marketer)
    second_factors.reset(user=marketer, by=SYSTEM, now=timezone.now())
    assert not second_factors.has_one(marketer)
    assert not RecoveryCode.objects.exists()
    assert NoticeReceipt.objects.get(notice=Notice.objects.get(kind="second_factor_reset")).user == marketer
    assert AuditEntry.objects.get(action="second_factor.reset").target == "user:mia"


def test_nobody_resets_their_own(administrator):
    with_app(administrator)
    by = Actor.system("ada")
    with pytest.raises(UserError, match="account page"):
        second_factors.reset(user=administrator, by=by, now=timezone.now())
    assert second_factors.has_one(administrator)
