"""Where it takes a second person who has which role, a group is mapped, and taken out, once somebody else approved it."""

from dataclasses import replace
from typing import cast

import pytest
from django.contrib.auth import authenticate

from compliance.access import actor_of_staff
from compliance.domain.approvals.asking import ApprovalError
from compliance.domain.approvals.kinds import CHOSEN, State
from compliance.domain.directory.mappings import MappingError, map_group, unmap_group
from compliance.models import Approval, ApprovalPolicy, AuditEntry, DirectoryMapping, User
from tests.compliance.conftest import SYSTEM
from tests.compliance.directories import ALICE
from tests.compliance.domain.approvals.test_approvals import approve, asked, needed, staff, state

pytestmark = pytest.mark.django_db
SALES = "cn=Sales,ou=groups,dc=harbour,dc=test"


@pytest.fixture
def ada(administrator, use, directory):
    use(directory)
    return actor_of_staff(administrator)


@pytest.fixture
def dora(db):
    return staff("dora", "DPO")


@pytest.fixture(autouse=True)
def everything_takes_two(db):
    ApprovalPolicy.objects.create(kinds=list(CHOSEN))


def wish_to_map(by, group=SALES, role="marketer"):
    return needed(lambda: map_group(group=group, role=role, by=by))


def mapped():
    return [(row.group, str(row.role)) for row in DirectoryMapping.objects.all()]


def test_a_group_is_mapped_exactly_as_asked_once_somebody_else_approved(ada, dora):
    row = asked(wish_to_map(ada), ada)
    assert mapped() == []
    with pytest.raises(ApprovalError, match="you asked for this yourself"):
        approve(row, ada)
    approve(row, dora)
    assert mapped() == [(SALES, "marketer")]
    assert state(row) == State.DONE
    entry = AuditEntry.objects.get(action="directory.map")
    assert (entry.actor, entry.detail) == ("ada", {"name": SALES, "approved_by": "dora"})


def test_a_group_is_taken_out_once_approved(ada, dora):
    mapping = map_group(group=SALES, role="marketer", by=SYSTEM)
    row = asked(needed(lambda: unmap_group(mapping_id=mapping.pk, by=ada)), ada)
    assert mapped() == [(SALES, "marketer")]
    approve(row, dora)
    assert mapped() == []
    assert AuditEntry.objects.get(action="directory.unmap").detail["approved_by"] == "dora"


def test_what_has_changed_since_is_refused(ada, dora):
    rows = [asked(wish_to_map(ada, role=role), ada) for role in ("marketer", "analyst")]
    approve(rows[0], dora)
    approve(rows[1], dora)
    assert (state(rows[1]), mapped()) == (State.REFUSED, [(SALES, "marketer")])
    [mapping] = DirectoryMapping.objects.all()
    out = asked(needed(lambda: unmap_group(mapping_id=mapping.pk, by=ada)), ada)
    unmap_group(mapping_id=mapping.pk, by=SYSTEM)
    map_group(group=SALES, role="analyst", by=SYSTEM)  # the same group, mapped anew by somebody else
    approve(out, dora)
    assert (state(out), mapped()) == (State.REFUSED, [(SALES, "analyst")])


def test_without_a_directory_nothing_is_mapped(ada, dora, settings):
    row = asked(wish_to_map(ada), ada)
    settings.DIRECTORY = None
    approve(row, dora)
    assert "no directory" in Approval.objects.get(pk=row.pk).decided_why
    assert mapped() == []


def test_what_cannot_be_mapped_is_not_asked_for(ada, dora):
    map_group(group=SALES, role="marketer", by=SYSTEM)
    with pytest.raises(MappingError, match="has a role already"):
        map_group(group=SALES.upper(), role="analyst", by=ada)
    with pytest.raises(MappingError, match="allows more than"):
        map_group(
            group="other", role="administrator", by=replace(ada, operations=frozenset({"directory.manage"}))
        )


def test_nobody_of_the_group_decides_about_its_role_not_even_through_a_group_in_it(
    ada, slapd, directory, person, settings
):
    inner, other = person("administrator"), person("administrator")
    outer = f"outer-{inner}"
    within = slapd.add_group(f"inner-{inner}", f"uid={inner},ou=people,dc=harbour,dc=test")
    slapd.add_group(outer, within)
    member, stranger = (
        actor_of_staff(cast("User", authenticate(username=name, password=ALICE))) for name in (inner, other)
    )
    row = asked(wish_to_map(ada, group=outer.upper()), ada)
    with pytest.raises(ApprovalError, match="what you may do yourself"):
        approve(row, member)
    settings.DIRECTORY = replace(directory, urls=("ldap://127.0.0.1:1",))
    with pytest.raises(ApprovalError, match="cannot be told"):
        approve(row, stranger)
    settings.DIRECTORY = directory
    approve(row, stranger)
    assert mapped() == [(outer.upper(), "marketer")]
    assert User.objects.filter(username=inner).exists()
