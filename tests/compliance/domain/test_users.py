import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest

from compliance.access import AccessDenied, Actor
from compliance.domain.users import UserError, activate, create_staff, deactivate, role_names, set_roles
from compliance.enums import ActorKind, Operation
from compliance.models import AuditEntry, Role, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db


def actions():
    return list(AuditEntry.objects.order_by("id").values_list("actor", "action", "target", "detail"))


def as_actor(user):
    user = User.objects.get(pk=user.pk)
    forms = user.forms
    return Actor(
        ActorKind.STAFF, user.username, user.operations, forms.clear, hashed=forms.hashed, hidden=forms.hidden
    )


def test_a_member_of_staff_can_sign_in_with_their_role(client):
    user = create_staff(username="mia", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)
    assert client.login(username="mia", password=PASSWORD)
    assert [str(role) for role in user.roles] == ["marketer"]
    assert user.is_staff
    assert not user.is_superuser
    assert actions()[0] == ("test", "user.create", "user:mia", {"roles": ["marketer"]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "emperor"}, "there is no role 'emperor': choose one of DPO, administrator, analyst"),
        ({"username": "Mia"}, "there is a user 'Mia' already"),
        ({"username": "a b"}, "valid username"),
    ],
)
def test_what_cannot_be_made_is_explained(marketer, change, message):
    options = {"username": "new", "password": PASSWORD, "role": "marketer", **change}
    with pytest.raises(UserError, match=message):
        create_staff(**options, by=SYSTEM, now=NOW)
    assert list(User.objects.values_list("username", flat=True)) == ["mia"]


def test_a_form_that_is_sent_twice_at_once_makes_one_user(db, monkeypatch):
    def meanwhile(*_args: object) -> None:
        User.objects.create(username="new", date_joined=NOW)

    monkeypatch.setattr("compliance.domain.users.validate_password", meanwhile)
    with pytest.raises(UserError, match="there is a user 'new' already"):
        create_staff(username="new", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)
    assert User.objects.count() == 1


def test_a_weak_password_is_refused(settings):
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"}
    ]
    with pytest.raises(UserError, match="entirely numeric"):
        create_staff(username="new", password="1234567890", role="marketer", by=SYSTEM, now=NOW)


def test_nobody_gives_more_than_they_may(marketer):
    manager = Actor(ActorKind.STAFF, "max", frozenset({Operation.USERS_MANAGE, Operation.PEOPLE_VIEW}))
    with pytest.raises(UserError, match="the role 'administrator' allows more than max may"):
        create_staff(username="new", password=PASSWORD, role="administrator", by=manager, now=NOW)
    with pytest.raises(UserError, match="allows more than max may"):
        set_roles(user=marketer, roles=["administrator"], by=manager)
    with pytest.raises(AccessDenied):
        set_roles(user=marketer, roles=["administrator"], by=as_actor(marketer))


def test_roles_change_from_the_next_request_on(administrator, marketer):
    set_roles(user=marketer, roles=["administrator"], by=as_actor(administrator))
    assert Operation.USERS_MANAGE in marketer.operations
    set_roles(user=marketer, roles=[], by=as_actor(administrator))
    assert as_actor(marketer).operations == frozenset()
    assert [row[0] for row in actions()] == ["test", "test", "ada", "ada"]


def test_who_is_deactivated_is_out_at_once(client, administrator, marketer):
    client.force_login(marketer)
    request = HttpRequest()
    request.session = client.session
    assert get_user(request) == marketer
    deactivate(user=marketer, by=as_actor(administrator))
    assert get_user(request).is_anonymous
    assert not client.login(username="mia", password=PASSWORD)
    activate(user=marketer, by=as_actor(administrator))
    assert client.login(username="mia", password=PASSWORD)


def test_nobody_locks_themselves_out(administrator):
    with pytest.raises(UserError, match="ask another administrator"):
        deactivate(user=administrator, by=as_actor(administrator))
    with pytest.raises(UserError, match="ask another administrator"):
        set_roles(user=administrator, roles=["marketer"], by=as_actor(administrator))


def test_an_administrator_gets_what_a_release_brings_and_other_roles_stay_as_staff_left_them():
    from compliance.domain.seeds import seed

    Role.objects.filter(group__name="administrator").update(operations=["home.view"])
    Role.objects.filter(group__name="marketer").update(operations=["home.view"])
    seed()
    assert Role.objects.get(group__name="administrator").allowed_operations == frozenset(Operation)
    assert Role.objects.get(group__name="marketer").operations == ["home.view"]
    assert role_names() == [
        "DPO", "administrator", "analyst", "auditor", "data engineer", "marketer", "operator", "support agent",
    ]  # fmt: skip
