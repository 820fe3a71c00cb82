"""What somebody can see and do, and why: of staff, of oneself, of a program."""

import pytest

from compliance.actors import Actor
from compliance.domain.tokens import create_token
from compliance.domain.users import create_staff, set_roles
from compliance.enums import ActorKind
from compliance.models import AuditEntry, DirectoryAccount, DirectoryMapping, Role, User
from tests.compliance.admin.test_screens import text
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db


def rows(answer, key="forms"):
    return {row["name"]: (row["form"], row["by"]) for row in answer.context[key]}


@pytest.fixture
def both(marketer):
    set_roles(user=marketer, roles=["marketer", "DPO"], by=SYSTEM)
    return marketer


def test_each_thing_is_said_with_the_role_it_comes_from(as_administrator, both):
    answer = as_administrator.get(f"/admin/settings/users/{both.pk}/access/")
    assert rows(answer)["Contact"] == ("Clear", "DPO")
    assert rows(answer)["Identity"] == ("Clear", "DPO, marketer")
    given = dict(pair for _, found in answer.context["groups"] for pair in found)
    assert given["Search for people"] == "DPO, marketer"
    assert given["Export all that is kept of a person"] == "DPO"
    assert "Make and revoke API tokens" not in given
    assert "jane@example.com" in text(answer)
    assert AuditEntry.objects.filter(actor="ada", action="access.explain", target="user:mia").count() == 1


def test_why_not_names_the_roles_that_would_allow_it(as_administrator, marketer):
    address = f"/admin/settings/users/{marketer.pk}/access/"
    assert "These would: DPO, administrator." in text(
        as_administrator.get(f"{address}?operation=people.export")
    )
    told = text(as_administrator.get(f"{address}?operation=people.view"))
    assert "It is allowed already, because of marketer." in told
    assert as_administrator.get(f"{address}?operation=x").status_code == 200


def test_a_role_of_the_directory_names_its_groups(as_administrator, marketer):
    role = Role.objects.get(group__name="marketer")
    DirectoryAccount.objects.create(user=marketer, entry_id="e1")
    DirectoryMapping.objects.create(group="sales", key="sales", role=role)
    told = text(as_administrator.get(f"/admin/settings/users/{marketer.pk}/access/"))
    assert "marketer: the directory, as of sales" in told


def test_everybody_sees_their_own_and_nobody_elses(as_marketer, marketer, administrator):
    own = as_marketer.get("/admin/account/access/")
    assert "What you can see and do" in text(own)
    assert rows(own)["Contact"] == ("Masked", "marketer")
    assert as_marketer.get(f"/admin/settings/users/{marketer.pk}/access/").status_code == 200
    assert as_marketer.get(f"/admin/settings/users/{administrator.pk}/access/").status_code == 403


def test_who_reads_the_trail_sees_it_of_everybody(client, marketer):
    client.force_login(create_staff(username="otto", password=PASSWORD, role="auditor", by=SYSTEM, now=NOW))
    assert client.get(f"/admin/settings/users/{marketer.pk}/access/").status_code == 200


def test_a_superuser_and_who_is_shut_out_are_said(as_administrator, marketer):
    User.objects.filter(pk=marketer.pk).update(is_superuser=True, is_active=False)
    answer = as_administrator.get(f"/admin/settings/users/{marketer.pk}/access/")
    assert rows(answer)["Special"] == ("Clear", "superuser")
    assert "the account is shut out" in text(answer)


def test_a_program_has_its_scopes(as_administrator):
    token, _ = create_token(
        name="Desk", scopes=["people.view"], categories=["identity"], hashed=["contact"], purpose="service",
        by=Actor.system("test"), now=NOW,
    )  # fmt: skip
    answer = as_administrator.get(f"/admin/settings/tokens/{token.pk}/access/?operation=people.search")
    assert rows(answer)["Contact"] == ("Pseudonym", "its scopes")
    assert "Only data that may be used for: service" in text(answer)
    assert "make another token that has it" in text(answer)
    assert ActorKind.TOKEN.value in AuditEntry.objects.get(action="access.explain").target
