import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory

from compliance.access import (
    MASK,
    AccessDenied,
    Actor,
    actor_of,
    allows,
    category_of_trait,
    masked,
    require,
    shown_as,
)
from compliance.domain.users import create_staff
from compliance.enums import ActorKind, Category, Operation
from compliance.forms import ALL_CLEAR, Form
from compliance.models import AuditEntry, User
from tests.compliance.conftest import NOW, SYSTEM


def request_of(user, **meta):
    request = RequestFactory().get("/", **meta)
    request.user = user
    return request


def test_a_system_may_and_sees_everything():
    actor = Actor.system("cleaner")
    assert actor.operations == frozenset(Operation)
    assert actor.forms == ALL_CLEAR
    assert (actor.kind, actor.name) == (ActorKind.SYSTEM, "cleaner")


@pytest.mark.django_db
def test_a_marketer_works_with_people_and_sees_contacts_masked(marketer):
    actor = actor_of(request_of(marketer, REMOTE_ADDR="10.0.0.7"))
    assert (actor.kind, actor.name, actor.address) == (ActorKind.STAFF, "mia", "10.0.0.7")
    assert allows(actor, Operation.PEOPLE_SEARCH)
    assert not allows(actor, Operation.IMPORTS_RUN)
    assert not allows(actor, Operation.PAYLOADS_VIEW)
    assert masked(actor, category_of_trait("email"))
    assert masked(actor, category_of_trait("wibble"))
    assert not masked(actor, category_of_trait("first_name"))


@pytest.mark.django_db
def test_roles_add_up(marketer):
    from django.contrib.auth.models import Group

    from compliance.models import Role

    Role.objects.create(
        group=Group.objects.create(name="other"),
        operations=["pipeline.view", "gone"],
        categories=["special"],
    )
    marketer.groups.add(Group.objects.get(name="other"))
    actor = actor_of(request_of(User.objects.get(pk=marketer.pk)))
    assert {Operation.PEOPLE_VIEW, Operation.PIPELINE_VIEW} <= actor.operations
    assert not masked(actor, Category.SPECIAL)
    assert masked(actor, Category.CONTACT)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_may_no_longer_sign_in_may_nothing(administrator, change):
    User.objects.filter(pk=administrator.pk).update(**change)
    actor = actor_of(request_of(User.objects.get(pk=administrator.pk)))
    assert (actor.operations, actor.categories) == (frozenset(), frozenset())


def test_a_visitor_may_nothing():
    actor = actor_of(request_of(AnonymousUser()))
    assert actor.kind == ActorKind.ANONYMOUS
    assert actor.operations == frozenset()


@pytest.mark.django_db
def test_a_superuser_is_an_administrator():
    user = User.objects.create_superuser("root", "", "a-long-password-1")
    assert actor_of(request_of(user)).operations == frozenset(Operation)


@pytest.mark.django_db
def test_a_denial_says_what_is_missing_and_is_audited(marketer):
    actor = actor_of(request_of(marketer, REMOTE_ADDR="10.0.0.7"))
    with pytest.raises(AccessDenied, match=r"mia may not do this: it needs the permission 'users\.manage'"):
        create_staff(username="x", password="y", role="administrator", by=actor, now=NOW)
    [entry] = AuditEntry.objects.filter(action="access.denied")
    assert (entry.actor, entry.target, entry.address) == ("mia", "users.manage", "10.0.0.7")


def test_a_denial_outlives_the_transaction_that_it_ends(fresh_database):
    actor = Actor(ActorKind.TOKEN, "reader")
    with pytest.raises(AccessDenied), transaction.atomic():
        require(actor, Operation.PEOPLE_VIEW)
    [entry] = AuditEntry.objects.all()
    assert (entry.actor_kind, entry.actor, entry.target) == ("token", "reader", "people.view")
    assert (entry.subjects, entry.detail) == ([], {})
    require(SYSTEM, Operation.PEOPLE_VIEW)
    assert AuditEntry.objects.count() == 1


def test_a_mask_tells_nothing_of_the_value():
    assert (
        shown_as(Form.MASKED, "jane@example.com")
        == shown_as(Form.MASKED, "x")
        == shown_as(Form.MASKED, 7)
        == MASK
    )
    assert all(shown_as(form, None) is None for form in Form)


def test_a_hidden_value_is_as_if_there_were_none():
    assert shown_as(Form.HIDDEN, "jane@example.com") is None


def test_a_pseudonym_is_the_same_for_the_same_value_and_tells_nothing_of_it(settings):
    first, same, other = (
        shown_as(Form.HASHED, each) for each in ("jane@example.com", "jane@example.com", "jane@example.con")
    )
    assert first == same != other
    assert len(first) == len(other) == len(shown_as(Form.HASHED, {"city": "Leeds"}))
    settings.IDENTIFIER_KEY = "another key, of as many letters as a key should have"
    assert shown_as(Form.HASHED, "jane@example.com") != first


def test_the_address_behind_a_trusted_proxy(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    forwarded = "1.1.1.1, 203.0.113.9, 10.1.1.1"
    behind = request_of(AnonymousUser(), REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    forged = request_of(AnonymousUser(), REMOTE_ADDR="198.51.100.4", HTTP_X_FORWARDED_FOR=forwarded)
    assert actor_of(behind).address == "203.0.113.9"
    assert actor_of(forged).address == "198.51.100.4"
