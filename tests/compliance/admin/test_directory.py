"""The page of the directory: the mapping, and the test of the connection."""

from dataclasses import replace

import pytest
from django.urls import reverse

from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.directory.mappings import map_group
from compliance.models import Approval, ApprovalPolicy, AuditEntry, DirectoryMapping
from tests.compliance.conftest import PASSWORD, SYSTEM
from tests.compliance.directories import ALICE
from tests.compliance.slapd import PEOPLE

pytestmark = pytest.mark.django_db
PAGE, TEST, ADD = (
    "/admin/settings/directory/",
    "/admin/settings/directory/test/",
    "/admin/settings/directory/groups/",
)


@pytest.fixture
def ada(client, administrator, use, directory):
    use(directory)
    assert client.post("/admin/login/", {"username": "ada", "password": PASSWORD}).status_code == 302
    return client


def outcome(client, **typed):
    return client.post(TEST, typed).content.decode()


def test_a_group_is_given_a_role_and_taken_out_again(ada):
    assert ada.post(ADD, {"group": "canteen", "role": "marketer"}).status_code == 302
    row = DirectoryMapping.objects.get()
    shown = ada.get(PAGE).content.decode()
    assert "canteen" in shown
    assert "ada gave canteen the role marketer" in shown
    assert ada.post(reverse("admin:directory_unmap", args=[row.pk])).status_code == 302
    assert not DirectoryMapping.objects.exists()
    again = ada.post(reverse("admin:directory_unmap", args=[row.pk]), follow=True).content.decode()
    assert "taken this group out already" in again


def test_where_roles_take_a_second_person_the_page_asks_for_one(ada):
    ApprovalPolicy.objects.create(kinds=[ApprovalKind.GIVE_ROLES])
    assert "This takes a second person" in ada.get(PAGE).content.decode()
    without = ada.post(ADD, {"group": "canteen", "role": "marketer"}, follow=True).content.decode()
    assert "say why it is needed" in without
    answer = ada.post(ADD, {"group": "canteen", "role": "marketer", "why": "the new canteen"})
    row = Approval.objects.get()
    assert answer["Location"] == reverse("admin:approval", args=[row.pk])
    shown = ada.get(answer["Location"]).content.decode()
    assert "canteen" in shown
    assert "no role → marketer" in shown
    assert not DirectoryMapping.objects.exists()
    mapping = map_group(group="canteen", role="marketer", by=SYSTEM)
    out = reverse("admin:directory_unmap", args=[mapping.pk])
    shown = ada.post(out, {"why": "closed"}, follow=True).content.decode()
    assert "marketer → no role" in shown
    assert DirectoryMapping.objects.exists()


def test_what_is_wrong_is_said_at_the_field_and_escaped(ada):
    answer = ada.post(ADD, {"group": "<b>", "role": "nothing"})
    assert answer.status_code == 400
    assert "There is no role" in answer.content.decode()
    assert "<b>" not in answer.content.decode().partition("Give a group a role")[2]


def test_41_who_may_not_is_refused(client, marketer, use, directory):
    use(directory)
    client.post("/admin/login/", {"username": "mia", "password": PASSWORD})
    assert client.get(PAGE).status_code == 403
    assert client.post(ADD, {"group": "canteen", "role": "administrator"}).status_code == 403
    assert client.post(TEST).status_code == 403


def test_without_a_directory_the_page_says_how_to_connect_one(ada, settings):
    settings.DIRECTORY = None
    assert "LDAP_URL=ldaps://" in ada.get(PAGE).content.decode()
    assert ada.post(TEST).status_code == 404


def test_the_test_says_each_step_and_by_which_path_a_role_follows(ada, slapd, person):
    uid = person()
    inner = slapd.add_group(f"inner-{uid}", f"uid={uid},{PEOPLE}")
    slapd.change("cn=marketer,ou=groups,dc=harbour,dc=test", f"add: member\nmember: {inner}")
    told = outcome(ada, name=uid, password=ALICE)
    assert "This person gets in." in told
    assert "Trusted: server cert for localhost" in told
    assert f"inner-{uid} → marketer" in told
    assert "It is right." in told
    slapd.ldapdelete(inner)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"urls": ("ldap://no-such-host.invalid",)}, "has no address"),
        ({"urls": ("ldap://127.0.0.1:1",)}, "nothing listens there"),
        ({"ca_file": ""}, "certificate is not trusted"),
        ({"bind_password": "wrong"}, "Correct LDAP_BIND_DN"),
        ({"user_base": "ou=nowhere,dc=harbour,dc=test"}, "There is no ou=nowhere"),
        ({"group_classes": ("groupOfURLs",)}, "LDAP_GROUP_CLASS"),
    ],
)
def test_each_failure_says_what_to_do(ada, settings, directory, change, says):
    settings.DIRECTORY = replace(directory, **change)
    told = outcome(ada)
    assert says in told
    assert "Something is in the way" in told


@pytest.mark.parametrize(
    ("more", "says"),
    [("shadowExpire: 1\n", "has expired in the directory"), ("", "None, so that they do not get in")],
)
def test_who_would_not_get_in_is_told_why(ada, person, more, says):
    assert says in outcome(ada, name=person(more=more)).replace("&#x27;", "'")


def test_a_name_is_never_part_of_the_filter(ada, person):
    person()
    assert "0 entries have this name" in outcome(ada, name="*)(uid=*")


def test_nothing_of_a_password_is_kept_or_shown_and_the_test_is_on_record(ada, person, caplog):
    uid = person()
    told = outcome(ada, name=uid, password="wrong-hidden7")
    assert "It is wrong." in told
    assert "hidden7" not in told + caplog.text
    [entry] = AuditEntry.objects.filter(action="directory.test")
    assert (entry.actor, entry.detail) == ("ada", {"with_password": True})
    assert uid not in str(entry.__dict__)


def test_it_is_no_place_to_guess_passwords(ada, person):
    uid = person()
    for _ in range(6):
        outcome(ada, name=uid, password="guess")
    assert "6 tests within a minute" in outcome(ada, name=uid, password=ALICE)
