"""Sign-in through a real OpenLDAP server, over StartTLS."""

import uuid
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import authenticate as django_authenticate

from cdp_site.directory import BACKEND, Directory, directory_settings
from compliance.access import actor_of
from compliance.domain.users import create_staff, deactivate
from compliance.enums import Operation
from compliance.models import AuditEntry, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM
from tests.compliance.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, Slapd

pytestmark = pytest.mark.django_db

ALICE = "alice-harbour-1"


def authenticate(**credentials):
    return django_authenticate(**credentials)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    server = Slapd(tmp_path_factory.mktemp("slapd"))
    server.begin()
    yield server
    server.stop()


@pytest.fixture
def directory(slapd) -> Directory:
    return Directory(
        url=slapd.ldap_uri, bind_dn=READER, bind_password=READER_PASSWORD, user_base=PEOPLE,
        user_filter="(uid=%(user)s)", group_base=GROUPS, group_class="groupOfNames",
        roles={"harbour-analysts": "marketer"}, start_tls=True, ca_file=slapd.cafile, timeout_s=5,
    )  # fmt: skip


@pytest.fixture
def use(settings):
    def configure(directory: Directory) -> None:
        for name, value in directory_settings(directory).items():
            setattr(settings, name, value)
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", BACKEND]

    return configure


@pytest.fixture
def person(slapd):
    """Makes people of names that no other test uses."""
    made: list[tuple[str, tuple[str, ...]]] = []

    def make(*groups, password=ALICE):
        uid = f"p{len(made)}-{uuid.uuid4().hex[:8]}"
        slapd.add_person(uid, password, groups)
        made.append((uid, groups))
        return uid

    yield make
    for uid, groups in made:
        for group in groups:
            if uid in slapd.members(group):
                slapd.change_group(group, "delete", uid)


def test_a_member_of_a_group_signs_in_through_the_admin_with_its_role(client, use, directory, person):
    use(directory)
    uid = person("marketer", "canteen")
    answer = client.post("/admin/login/?next=/admin/", {"username": uid, "password": ALICE})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    user = User.objects.get(username=uid)
    assert [str(role) for role in user.roles] == ["marketer"]
    assert (user.first_name, user.last_name, user.email) == ("Alice", "Marlow", f"{uid}@harbour.test")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    entry = AuditEntry.objects.get(action="user.set_roles")
    assert (entry.actor, entry.target, entry.detail) == ("directory", f"user:{uid}", {"roles": ["marketer"]})
    request = client.get("/admin/login/").wsgi_request
    assert Operation.PEOPLE_VIEW in actor_of(request).operations


def test_a_group_of_another_name_is_mapped(use, directory, person):
    use(directory)
    user = authenticate(username=person("harbour-analysts"), password=ALICE)
    assert [str(role) for role in user.roles] == ["marketer"]


def test_roles_follow_the_groups_at_each_sign_in(use, directory, slapd, person):
    use(directory)
    uid = person("marketer")
    authenticate(username=uid, password=ALICE)
    slapd.change_group("marketer", "delete", uid)
    slapd.change_group("administrator", "add", uid)
    user = authenticate(username=uid, password=ALICE)
    assert [str(role) for role in user.roles] == ["administrator"]
    slapd.change_group("administrator", "delete", uid)
    assert authenticate(username=uid, password=ALICE) is None
    user = User.objects.get(username=uid)
    assert (user.is_staff, user.roles) == (False, ())


@pytest.mark.parametrize(
    "password",
    ["", " ", "wrong", ALICE + " ", "\0", "*"],
    ids=["empty", "space", "wrong", "more", "nul", "star"],
)
def test_a_wrong_password_is_refused(use, directory, person, password):
    use(directory)
    assert authenticate(username=person("marketer"), password=password) is None
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["*", "*)(uid=*", "p0*", "a,ou=people", "", "x" * 300], ids=repr)
def test_a_name_is_never_part_of_the_filter(use, directory, person, name):
    use(directory)
    person("marketer")
    assert authenticate(username=name, password=ALICE) is None
    assert not User.objects.exists()


def test_who_is_in_no_group_of_ours_does_not_get_in(use, directory, person):
    use(directory)
    assert authenticate(username=person("canteen"), password=ALICE) is None


@pytest.mark.parametrize("write", [str, str.upper], ids=["same", "upper"])
def test_a_name_of_the_directory_takes_no_local_account_over(use, directory, person, write):
    use(directory)
    uid = person("marketer")
    local = create_staff(username=write(uid), password=PASSWORD, role="administrator", by=SYSTEM, now=NOW)
    assert authenticate(username=uid, password=ALICE) is None
    assert authenticate(username=local.username, password=ALICE) is None
    assert authenticate(username=local.username, password=PASSWORD) == local


def test_who_is_deactivated_here_stays_out(use, directory, person):
    use(directory)
    uid = person("marketer")
    user = authenticate(username=uid, password=ALICE)
    deactivate(user=user, by=SYSTEM)
    assert authenticate(username=uid, password=ALICE) is None


def test_a_certificate_that_nobody_vouches_for_is_refused(use, directory, person):
    use(replace(directory, ca_file=""))
    assert authenticate(username=person("marketer"), password=ALICE) is None


def test_a_directory_that_is_away_lets_local_accounts_in(use, directory):
    port = urlsplit(directory.url).port
    use(replace(directory, url=f"ldap://127.0.0.1:{1 if port != 1 else 2}", timeout_s=2))
    local = create_staff(username="ada", password=PASSWORD, role="administrator", by=SYSTEM, now=NOW)
    assert authenticate(username="somebody", password=ALICE) is None
    assert authenticate(username="ada", password=PASSWORD) == local
