"""41 Nobody makes more of themselves by sending fields that no form has."""

import pytest
from django.test import Client

from compliance.domain.users import create_staff
from compliance.enums import Operation
from compliance.models import LocalAccount, Role, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
MORE = {
    "is_superuser": "on", "is_staff": "on", "groups": "1", "role": "administrator", "roles": "administrator",
    "operations": "users.manage", "user_permissions": "1", "is_break_glass": "on", "must_change_password": "",
    "requires_second_factor": "", "user": "1", "user_id": "1", "id": "1", "pk": "1",
}  # fmt: skip


@pytest.fixture
def steward(db) -> Client:
    """Who manages users, and may nothing else."""
    role = Role.objects.get(group__name="marketer")
    role.operations = [Operation.USERS_MANAGE.value, Operation.HOME_VIEW.value]
    role.save()
    client = Client()
    client.force_login(create_staff(username="sam", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW))
    return client


def may(username: str) -> tuple[bool, set[str]]:
    user = User.objects.get(username=username)
    return user.is_superuser, {role.group.name for role in user.roles}


OWN = ["account/", "account/password/", "account/factor/", "account/factor/codes/", "account/factor/remove/",
       "account/sessions/end/", "settings/notifications/"]  # fmt: skip


@pytest.mark.parametrize("path", OWN)
def test_ones_own_pages_take_nothing_more(as_marketer, marketer, path):
    fields = {**MORE, "old": PASSWORD, "new": "lanterns-over-water-9", "again": "lanterns-over-water-9"}
    as_marketer.post(f"/admin/{path}", fields)
    assert may("mia") == (False, {"marketer"})
    assert not LocalAccount.objects.filter(is_break_glass=True).exists()


def test_pages_of_users_are_closed_to_who_may_not(as_marketer, marketer):
    for part in ("roles", "activate", "unlock", "password", "factor/reset", "break-glass"):
        assert as_marketer.post(f"/admin/settings/users/{marketer.pk}/{part}/", MORE).status_code == 403, part
    assert as_marketer.post("/admin/settings/users/new/", MORE).status_code == 403
    assert as_marketer.post("/admin/settings/users/break-glass/", MORE).status_code == 403
    assert may("mia") == (False, {"marketer"})


def test_who_manages_users_gives_nobody_more_than_they_may(steward, marketer):
    steward.post(f"/admin/settings/users/{marketer.pk}/roles/", {"role": ["administrator"]})
    assert may("mia") == (False, {"marketer"})
    own = User.objects.get(username="sam")
    steward.post(f"/admin/settings/users/{own.pk}/roles/", {"role": ["administrator", "marketer"]})
    assert may("sam") == (False, {"marketer"})
    steward.post("/admin/settings/users/break-glass/", {"name": "own"})
    assert not User.objects.filter(username__startswith="break-glass").exists()


def test_who_manages_users_takes_no_account_over_that_may_more(steward, administrator):
    """A password that one gives oneself for an administrator would be as good as the role."""
    answer = steward.post(f"/admin/settings/users/{administrator.pk}/password/")
    assert answer.status_code == 302
    assert User.objects.get(pk=administrator.pk).check_password(PASSWORD)
    steward.post(f"/admin/settings/users/{administrator.pk}/factor/reset/")


def test_a_new_user_gets_what_the_form_says_and_no_more(as_administrator):
    fields = {**MORE, "role": "marketer", "username": "new", "password": PASSWORD}
    assert as_administrator.post("/admin/settings/users/new/", fields).status_code == 302
    assert may("new") == (False, {"marketer"})
    account = LocalAccount.objects.get(user__username="new")
    assert (account.is_break_glass, account.must_change_password) == (False, True)


def test_signing_in_takes_nothing_more(marketer):
    Client().post("/admin/login/", {**MORE, "username": "mia", "password": PASSWORD})
    assert may("mia") == (False, {"marketer"})


def test_djangos_own_forms_of_users_and_groups_are_not_there(as_administrator):
    for address in (
        "/admin/compliance/user/",
        "/admin/auth/user/",
        "/admin/auth/group/",
        "/admin/auth/group/add/",
    ):
        assert as_administrator.get(address).status_code in (403, 404), address
