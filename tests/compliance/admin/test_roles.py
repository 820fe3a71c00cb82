"""The page of a role: a look at what a change does, then the change; copies, deletion, refusals."""

import re

import pytest

from compliance.models import AuditEntry, Role
from tests.compliance.admin.test_screens import text

pytestmark = pytest.mark.django_db


def role(name="marketer"):
    return Role.objects.select_related("group").get(group__name=name)


def fields(role, **changes):
    return {
        "name": role.group.name, "description": role.description, "operation": role.operations,
        "purpose": role.purposes, "sources": "all",
        **{f"form-{each}": "clear" for each in role.categories},
        **{f"form-{each}": "hidden" for each in role.hidden},
        **changes,
    }  # fmt: skip


def seen(answer):
    return dict(re.findall(r'name="(seen|previewed)" value="(\w*)"', answer.content.decode())[:2])


def test_a_change_is_saved_once_it_was_looked_at(as_administrator, marketer):
    address = f"/admin/settings/roles/{role().pk}/"
    hidden = seen(as_administrator.get(address))
    given = fields(role(), operation=["people.view"], **{"form-contact": "hashed"})
    looked = as_administrator.post(address, {**given, **hidden})
    told = text(looked)
    assert "1 of 1 member: Search for people" in told
    assert "1 of 1 member: Contact: as pseudonyms, before masked" in told
    assert "people.search" in role().operations
    as_administrator.post(address, {**given, **seen(looked)})
    assert (role().operations, role().hashed) == (["people.view"], ["contact"])
    told = text(as_administrator.get(address))
    assert "Contact: masked → as pseudonyms" in told
    assert AuditEntry.objects.filter(actor="ada", action="role.change", target="role:marketer").count() == 1


def test_what_was_typed_after_the_look_is_looked_at_first(as_administrator):
    address = f"/admin/settings/roles/{role().pk}/"
    looked = as_administrator.post(address, {**fields(role()), **seen(as_administrator.get(address))})
    as_administrator.post(address, {**fields(role(), operation=["users.manage"]), **seen(looked)})
    assert "users.manage" not in role().operations


def test_a_role_is_copied_and_deleted(as_administrator):
    page = as_administrator.get(f"/admin/settings/roles/new/?copy={role().pk}")
    assert 'value="marketer copy"' in text(page)
    given = fields(role(), name="seller")
    looked = as_administrator.post("/admin/settings/roles/new/", given)
    as_administrator.post("/admin/settings/roles/new/", {**given, **seen(looked)})
    made = role("seller")
    assert made.forms == role().forms
    assert "seller" in text(as_administrator.get("/admin/settings/roles/"))
    hidden = seen(as_administrator.get(f"/admin/settings/roles/{made.pk}/"))
    as_administrator.post(f"/admin/settings/roles/{made.pk}/delete/", hidden)
    assert not Role.objects.filter(group__name="seller").exists()


def test_the_administrator_cannot_be_changed(as_administrator):
    found = role("administrator")
    address = f"/admin/settings/roles/{found.pk}/"
    page = as_administrator.get(address)
    assert "See what this does" not in text(page)
    answer = as_administrator.post(address, {**fields(found, operation=["home.view"]), **seen(page)})
    assert answer.status_code == 400
    assert "copy the role and change the copy" in text(answer)


def test_examples_of_each_form_are_shown(as_administrator):
    told = text(as_administrator.get(f"/admin/settings/roles/{role().pk}/"))
    assert all(each in told for each in ("jane@example.com", "••••••", "not there at all"))
    assert re.search(r"#[0-9a-f]{16}", told)


@pytest.mark.parametrize("address", ["/admin/settings/roles/", "/admin/settings/roles/new/"])
def test_only_who_changes_roles_sees_them(as_marketer, address):
    assert as_marketer.get(address).status_code == 403
