"""Following the directory: who leaves is out, who comes back is in, and a directory that cannot be right changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from compliance.domain import tokens
from compliance.domain.directory import following
from compliance.domain.directory.syncing import SyncFailed, SyncHeld, sync
from compliance.domain.users import create_staff, deactivate
from compliance.models import ApiToken, AuditEntry, DirectoryAccount, DirectorySync, Notice, User
from tests.compliance.conftest import PASSWORD, SYSTEM
from tests.compliance.directories import ALICE
from tests.compliance.slapd import FOR_GOOD, PEOPLE

pytestmark = pytest.mark.django_db


def now():
    return datetime.now(UTC)


def dn(uid):
    return f"uid={uid},{PEOPLE}"


@pytest.fixture
def sign_in(use, directory, person, rf):
    """Somebody of the directory, with an account here. Others are there too: a directory of nobody is not believed."""
    use(directory)
    person("marketer")

    def make(*groups):
        uid = person(*(groups or ("marketer",)))
        user = authenticate(rf.post("/"), username=uid, password=ALICE)
        assert user is not None
        return user

    return make


@pytest.mark.parametrize(
    "closing",
    [
        ("add: shadowExpire\nshadowExpire: 1", "expired"),
        (f"add: pwdAccountLockedTime\npwdAccountLockedTime: {FOR_GOOD}", "locked"),
        (None, "gone"),
    ],
    ids=["expired", "locked", "gone"],
)
def test_72_who_is_closed_in_the_directory_is_out_with_session_and_tokens(
    client, slapd, directory, sign_in, closing
):
    changes, reason = closing
    user = sign_in("administrator")
    assert client.login(username=user.username, password=ALICE)
    assert client.get("/admin/settings/users/").status_code == 200
    token, secret = tokens.create_token(
        name="desk", by=replace(SYSTEM, name=user.username), now=now(), scopes=["people.view"]
    )
    if changes is None:
        slapd.ldapdelete(dn(user.username))
    else:
        slapd.change(dn(user.username), changes)
    done = sync(directory, now=now())
    assert (done.shut_out, done.tokens) == (1, 1)
    assert client.get("/admin/settings/users/").status_code == 302
    assert client.get("/api/v1/sources/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert authenticate(username=user.username, password=ALICE) is None
    account = DirectoryAccount.objects.get(user=user)
    assert (account.left_because, account.left_at is not None) == (reason, True)
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None
    [entry] = AuditEntry.objects.filter(action="user.deactivate")
    assert (entry.actor, entry.target) == ("directory", f"user:{user.username}")


def test_72_a_disabled_user_of_active_directory_is_out(client, active_slapd, active_directory, use, rf):
    use(active_directory)
    group = active_slapd.add_ad_group("marketer")
    entry = active_slapd.add_user("bo", ALICE, groups=(group,))
    assert authenticate(rf.post("/"), username="bo", password=ALICE) is not None
    active_slapd.change(entry, "replace: userAccountControl\nuserAccountControl: 514")
    assert sync(active_directory, now=now()).shut_out == 1
    assert not User.objects.get(username="bo").is_active
    active_slapd.change(entry, "replace: userAccountControl\nuserAccountControl: 512")
    assert sync(active_directory, now=now()).let_in == 1


def test_who_loses_the_last_group_with_a_role_is_out_and_back_with_the_next(slapd, directory, sign_in):
    user = sign_in("marketer")
    slapd.change_group("marketer", "delete", user.username)
    assert sync(directory, now=now()).shut_out == 1
    assert DirectoryAccount.objects.get(user=user).left_because == "no role"
    slapd.change_group("harbour-analysts", "add", user.username)
    assert sync(directory, now=now()).let_in == 1
    user = User.objects.get(pk=user.pk)
    slapd.change_group("harbour-analysts", "delete", user.username)
    assert user.is_active
    assert [str(role) for role in user.roles] == ["marketer"]
    assert DirectoryAccount.objects.get(user=user).left_at is None


def test_changes_of_groups_are_followed(slapd, directory, sign_in):
    user = sign_in("marketer")
    slapd.change_group("administrator", "add", user.username)
    assert sync(directory, now=now()).changed == 1
    slapd.change_group("administrator", "delete", user.username)
    assert sorted(str(role) for role in User.objects.get(pk=user.pk).roles) == ["administrator", "marketer"]
    assert sync(directory, now=now()).changed == 1
    assert sync(directory, now=now()).changed == 0


def test_who_was_shut_out_here_stays_out(slapd, directory, sign_in):
    user = sign_in()
    deactivate(user=user, by=SYSTEM)
    assert sync(directory, now=now()).let_in == 0
    assert not User.objects.get(pk=user.pk).is_active


def test_who_was_let_in_by_hand_and_is_gone_is_out_again(slapd, directory, sign_in):
    user = sign_in()
    slapd.ldapdelete(dn(user.username))
    sync(directory, now=now())
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert sync(directory, now=now()).shut_out == 1


def test_local_accounts_are_left_alone(directory, use):
    use(directory)
    local = create_staff(username="ada", password=PASSWORD, role="administrator", by=SYSTEM, now=now())
    sync(directory, now=now())
    assert User.objects.get(pk=local.pk).is_active


def test_it_takes_as_many_statements_for_one_as_for_many(
    slapd, directory, sign_in, django_assert_max_num_queries
):
    users = [sign_in() for _ in range(4)]
    for user in users:
        slapd.ldapdelete(dn(user.username))
    with django_assert_max_num_queries(40):
        assert sync(directory, now=now(), force=True).shut_out == 4


def many(sign_in, count):
    return [sign_in() for _ in range(count)]


def test_the_brake_holds_until_it_is_forced(slapd, directory, sign_in):
    users = many(sign_in, 6)
    for user in users[:5]:
        slapd.change_group("marketer", "delete", user.username)
    with pytest.raises(SyncHeld, match="would shut out 5 of 6"):
        sync(directory, now=now())
    assert User.objects.filter(is_active=True).count() == 6
    assert DirectorySync.objects.get().held
    assert Notice.objects.filter(kind="directory_held", ended_at=None).exists()
    assert sync(directory, now=now(), force=True).shut_out == 5
    assert not Notice.objects.filter(kind="directory_held", ended_at=None).exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"user_filter": "(&(uid=%(user)s)(cn=nobody-at-all))"}, "nobody at all"),
        ({"group_classes": ("groupOfURLs",)}, "no groups at all"),
    ],
)
def test_a_directory_that_answers_with_nobody_is_not_believed(directory, sign_in, change, says):
    sign_in()
    with pytest.raises(SyncHeld, match=says):
        sync(replace(directory, **change), now=now(), force=True)
    assert User.objects.filter(is_active=True).count() == 1


def test_a_directory_that_is_down_changes_nothing_and_is_told_after_some_runs(directory, sign_in, settings):
    sign_in()
    down = replace(directory, urls=("ldap://127.0.0.1:1",))
    settings.DIRECTORY = down
    for run in range(3):
        assert not Notice.objects.exists()
        with pytest.raises(SyncFailed, match="nothing listens there"):
            sync(down, now=now() + timedelta(minutes=run))
    [notice] = Notice.objects.all()
    assert (notice.kind, notice.ended_at) == ("directory_away", None)
    assert User.objects.filter(is_active=True).count() == 1
    sync(directory, now=now())
    notice.refresh_from_db()
    assert notice.ended_at is not None


def test_a_wrong_service_account_changes_nothing(directory, sign_in):
    sign_in()
    with pytest.raises(SyncFailed, match="refuses LDAP_BIND_DN"):
        sync(replace(directory, bind_password="wrong"), now=now())


def test_the_command_says_what_it_did_and_the_job_tells_no_error(slapd, directory, sign_in, settings):
    user = sign_in()
    slapd.ldapdelete(dn(user.username))
    out = StringIO()
    call_command("sync_ldap", stdout=out)
    assert "1 accounts of the directory: 1 shut out" in out.getvalue()
    settings.DIRECTORY = replace(directory, urls=("ldap://127.0.0.1:1",))
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("sync_ldap")
    following.follow(now=now())
    settings.DIRECTORY = None
    following.follow(now=now())
    with pytest.raises(CommandError, match="set LDAP_URL"):
        call_command("sync_ldap")
