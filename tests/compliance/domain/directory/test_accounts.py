"""Whose account is whose entry: renamed, of one name, of a name that is free again."""

from dataclasses import replace

import pytest
from django.contrib.auth import authenticate

from compliance.domain.directory.mappings import MappingError, history, map_group, mappings, unmap_group
from compliance.domain.directory.syncing import sync
from compliance.enums import Operation
from compliance.models import AuditEntry, DirectoryAccount, User
from tests.compliance.conftest import NOW, SYSTEM
from tests.compliance.directories import ALICE
from tests.compliance.slapd import GROUPS, PEOPLE

pytestmark = pytest.mark.django_db


def signed_in(name, password=ALICE):
    return authenticate(username=name, password=password)


def test_69_however_a_name_is_written_it_is_one_account(use, directory, person):
    use(directory)
    uid = person("marketer")
    found = {signed_in(name).pk for name in (uid, uid.upper(), f" {uid} ", uid.replace("p", "ｐ", 1))}
    assert found == {User.objects.get().pk}


def test_69_two_entries_of_one_name_here_are_never_one_account(use, directory, slapd, person):
    use(directory)
    uid = person("marketer")
    assert signed_in(uid) is not None
    other = f"cn=Other,{PEOPLE}"
    slapd.ldapadd(
        f"dn: {other}\nobjectClass: inetOrgPerson\ncn: Other\nsn: O\nemployeeNumber: {uid.upper()}\nuserPassword: {ALICE}\n"
    )
    slapd.change(f"cn=administrator,{GROUPS}", f"add: member\nmember: {other}")
    try:
        by_number = replace(
            directory, user_filter="(employeeNumber=%(user)s)", name_attribute="employeeNumber"
        )
        use(by_number)
        assert signed_in(uid) is None
        assert [str(role) for role in User.objects.get(username=uid).roles] == ["marketer"]
    finally:
        slapd.change(f"cn=administrator,{GROUPS}", f"delete: member\nmember: {other}")
        slapd.ldapdelete(other)


def test_who_is_renamed_keeps_the_account(use, directory, slapd, person):
    use(directory)
    uid = person("marketer")
    user = signed_in(uid)
    slapd.ldapmodify(f"dn: uid={uid},{PEOPLE}\nchangetype: modrdn\nnewrdn: uid=new-{uid}\ndeleteoldrdn: 1\n")
    assert signed_in(f"new-{uid}") == user
    assert User.objects.count() == 1
    slapd.change(f"cn=marketer,{GROUPS}", f"delete: member\nmember: uid=new-{uid},{PEOPLE}")


def test_a_name_that_is_given_to_somebody_else_is_another_account(use, directory, slapd, person):
    use(directory)
    uid = person("marketer")
    former = signed_in(uid)
    slapd.ldapdelete(f"uid={uid},{PEOPLE}")
    slapd.add_person(uid, "another-harbour-2", ("marketer",))
    assert signed_in(uid, "another-harbour-2") is None  # the former one has not left yet
    sync(directory, now=NOW, force=True)
    again = signed_in(uid, "another-harbour-2")
    assert again is not None
    assert again.username == f"{uid}.2"
    assert again != former


def test_an_account_of_the_release_before_is_taken_over_by_its_name(use, directory, person):
    use(directory)
    uid = person("marketer")
    user = User(username=uid)
    user.set_unusable_password()
    user.save()
    assert signed_in(uid) == user
    assert DirectoryAccount.objects.get().user == user


def test_values_that_are_too_long_are_cut(use, directory, slapd, person):
    use(directory)
    uid = person("marketer")
    slapd.change(f"uid={uid},{PEOPLE}", f"replace: givenName\ngivenName: {'x' * 400}")
    assert len(signed_in(uid).first_name) == 150


def test_active_directory_signs_in_by_either_name_into_one_account(use, active_directory, active_slapd):
    use(active_directory)
    group = active_slapd.add_ad_group("administrator")
    active_slapd.add_user("Cy", ALICE, groups=(group,))
    assert signed_in("cy") == signed_in("CY@harbour.test")
    assert [str(role) for role in User.objects.get(username="cy").roles] == ["administrator"]


def test_a_closed_account_of_active_directory_gets_the_reason_with_the_right_password_only(
    client, use, active_directory, active_slapd
):
    use(active_directory)
    active_slapd.add_user("di", ALICE, control=514)
    right = client.post("/admin/login/", {"username": "di", "password": ALICE}).content.decode()
    wrong = client.post("/admin/login/", {"username": "di", "password": "no"}).content.decode()
    assert "is closed" in right
    assert "is closed" not in wrong


# The mapping.


def editor(*operations):
    return replace(SYSTEM, operations=frozenset(operations))


def test_a_group_gets_a_role_by_its_name_or_its_distinguished_name(use, directory, slapd, person):
    use(replace(directory, roles={}, roles_by_name=False))
    uid = person("marketer", "canteen", "administrator")
    assert signed_in(uid) is None  # a group that has the name of a role gives nothing by itself
    map_group(group=f"CN=Canteen, {GROUPS.upper()}", role="marketer", by=SYSTEM)
    assert [str(role) for role in signed_in(uid).roles] == ["marketer"]
    [row] = mappings(SYSTEM)
    assert unmap_group(mapping_id=row.pk, by=SYSTEM) == row.group
    assert signed_in(uid) is None
    map_group(group="CANTEEN", role="marketer", by=SYSTEM)
    assert signed_in(uid) is not None


def test_the_mapping_is_audited_and_has_a_history():
    row = map_group(group="Canteen", role="marketer", by=SYSTEM)
    unmap_group(mapping_id=row.pk, by=SYSTEM)
    assert list(AuditEntry.objects.order_by("id").values_list("action", "target")) == [
        ("directory.map", "role:marketer"),
        ("directory.unmap", "role:marketer"),
    ]
    assert [(each.group, each.role, each.is_added, each.by) for each in history(SYSTEM)] == [
        ("Canteen", "marketer", False, "test"),
        ("Canteen", "marketer", True, "test"),
    ]


def test_nobody_gives_more_than_they_may():
    with pytest.raises(MappingError, match="allows more than"):
        map_group(group="canteen", role="administrator", by=editor(Operation.DIRECTORY_MANAGE))


@pytest.mark.parametrize("group", ["", " ", "x" * 401, "a\0b"])
def test_what_is_no_group_is_refused(group):
    with pytest.raises(MappingError, match="type the group's name"):
        map_group(group=group, role="marketer", by=SYSTEM)


def test_a_group_has_one_role():
    map_group(group="Canteen", role="marketer", by=SYSTEM)
    with pytest.raises(MappingError, match="has a role already"):
        map_group(group=" canteen ", role="marketer", by=SYSTEM)
    with pytest.raises(MappingError, match="there is no role"):
        map_group(group="other", role="nothing", by=SYSTEM)
