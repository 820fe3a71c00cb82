"""Attack 41: whoever changes roles or gives them does not give themselves more."""

import pytest

from compliance.domain.users import create_staff
from compliance.models import Role, User
from tests.compliance.admin.test_roles import fields, role, seen
from tests.compliance.admin.test_screens import text
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
OWN = ["home.view", "roles.manage", "tokens.manage", "users.manage"]


@pytest.fixture
def as_eve(client, administrator):
    Role.objects.filter(group__name="operator").update(operations=OWN)
    client.force_login(create_staff(username="eve", password=PASSWORD, role="operator", by=SYSTEM, now=NOW))
    return client


def save(client, address, given):
    looked = client.post(address, {**given, **seen(client.get(address))})
    return client.post(address, {**given, **seen(looked)})


@pytest.mark.parametrize(
    "changes",
    [
        {"operation": [*OWN, "people.export"]},
        {"form-contact": "clear"},
        {"form-contact": "hashed"},
        {"form-special": "masked"},
    ],
)
@pytest.mark.parametrize("name", ["operator", "auditor"])
def test_a_role_is_not_given_more_than_its_giver_has(as_eve, name, changes):
    before = Role.objects.filter(group__name=name).values().get()
    answer = save(as_eve, f"/admin/settings/roles/{role(name).pk}/", fields(role(name), **changes))
    assert answer.status_code == 400
    assert "more than eve may" in text(answer)
    assert Role.objects.filter(group__name=name).values().get() == before


def test_neither_is_a_copy_a_token_nor_a_user(as_eve):
    copied = fields(role("DPO"), name="DPO copy")
    assert as_eve.post("/admin/settings/roles/new/", copied).status_code == 400
    token = {"name": "x", "scope": ["people.export"], "form-contact": "clear"}
    assert as_eve.post("/admin/settings/tokens/new/", token).status_code == 400
    eve = User.objects.get(username="eve")
    as_eve.post(f"/admin/settings/users/{eve.pk}/roles/", {"role": ["operator", "DPO"]})
    assert [str(each) for each in User.objects.get(pk=eve.pk).roles] == ["operator"]


def test_a_preview_that_is_forged_saves_nothing(as_eve):
    address = f"/admin/settings/roles/{role('operator').pk}/"
    given = fields(role("operator"), operation=[*OWN, "people.export"])
    as_eve.post(address, {**given, **seen(as_eve.get(address)), "previewed": "0" * 32})
    assert role("operator").operations == OWN
