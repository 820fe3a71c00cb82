"""Roles are made and changed by who may, never beyond what they have, and every change is kept in words."""

from dataclasses import replace

import pytest

from compliance.access import AccessDenied, Actor
from compliance.domain.roles.editing import RoleError, change_role, delete_role, make_role
from compliance.domain.roles.effects import effect_of
from compliance.domain.roles.listing import all_roles, past_of
from compliance.domain.roles.values import Reach, RoleValues, forms_of, values_of
from compliance.domain.users import create_staff, deactivate, set_roles
from compliance.enums import ActorKind, Category, Operation
from compliance.forms import ALL_CLEAR, Form, Forms
from compliance.models import AuditEntry, DirectoryMapping, Role, User
from ingestion.domain.sources import create_source
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
MANAGER = frozenset({Operation.ROLES_MANAGE, Operation.PEOPLE_VIEW})
CLOSED = Forms(hidden=frozenset(Category))


def role(name):
    return Role.objects.select_related("group").get(group__name=name)


def now(name):
    found = role(name)
    return values_of([found])[found.pk]


def wanted(**reach):
    return RoleValues("helper", "helps", Reach(**{"forms": CLOSED, "sources": None, **reach}))


def manager(**changes):
    return Actor(
        ActorKind.STAFF,
        "max",
        **{"operations": MANAGER, "categories": frozenset({Category.IDENTITY}), **changes},
    )


def change(name, by=SYSTEM, **reach):
    before = now(name)
    after = replace(before, reach=replace(before.reach, **reach))
    return change_role(role(name).pk, after, seen=before.version, by=by)


def test_a_role_is_made_changed_and_told_of_in_words():
    made = make_role(wanted(operations=frozenset({Operation.PEOPLE_VIEW})), by=SYSTEM)
    assert values_of([made])[made.pk] == wanted(operations=frozenset({Operation.PEOPLE_VIEW}))
    assert change("helper", forms=forms_of({"identity": "hashed", "contact": "masked"}))
    assert now("helper").reach.forms.of(Category.IDENTITY) is Form.HASHED
    entry = AuditEntry.objects.filter(action="role.change").latest("id")
    assert (entry.actor, entry.target) == ("test", "role:helper")
    assert entry.detail["changes"]["Identity"] == ["hidden", "as pseudonyms"]
    past = past_of(SYSTEM, made)
    assert [each.by for each in past] == ["test", "test"]
    assert ("May", "—", "See people: traits, identifiers, timeline") in past[1].changes


def test_what_is_already_so_is_no_change():
    assert not change("marketer")
    assert not AuditEntry.objects.filter(action="role.change").exists()


@pytest.mark.parametrize(
    ("given", "by", "missing"),
    [
        ({"operations": {Operation.TOKENS_MANAGE}}, {}, "Make and revoke API tokens"),
        ({"forms": ALL_CLEAR}, {}, "Contact as they are"),
        ({"forms": Forms(hashed=frozenset({Category.CONTACT}))}, {}, "Contact as pseudonyms"),
        ({}, {"purposes": frozenset({"service"})}, "Use data for any purpose"),
        (
            {"purposes": frozenset({"service", "marketing"})},
            {"purposes": frozenset({"service"})},
            "Use data for marketing",
        ),
        ({}, {"purpose": "service"}, "Use data for any purpose"),
        ({}, {"sources": frozenset({1})}, "See the data of all sources"),
    ],
)
def test_nobody_gives_a_role_more_than_they_have(given, by, missing):
    given = {name: frozenset(value) if isinstance(value, set) else value for name, value in given.items()}
    with pytest.raises(RoleError, match=f"more than max may: .*{missing}"):
        make_role(wanted(**given), by=manager(**by))
    assert not Role.objects.filter(group__name="helper").exists()


def test_somebody_with_less_can_take_away_and_leaves_the_rest():
    before = now("support agent").reach
    change("support agent", by=manager(), operations=before.operations - {Operation.PEOPLE_SEARCH})
    assert now("support agent").reach.operations == before.operations - {Operation.PEOPLE_SEARCH}
    with pytest.raises(RoleError, match="Search for people"):
        change("support agent", by=manager(), operations=before.operations)


def test_nobody_gives_themselves_more_through_a_role_they_hold():
    made = make_role(wanted(operations=MANAGER), by=SYSTEM)
    user = create_staff(username="max", password=PASSWORD, role="helper", by=SYSTEM, now=NOW)
    own = Actor(ActorKind.STAFF, "max", user.operations, hidden=frozenset(Category))
    with pytest.raises(RoleError, match="more than max may"):
        change("helper", by=own, operations=frozenset(Operation))
    assert values_of([made])[made.pk].reach.operations == MANAGER


def test_who_may_not_change_roles_cannot():
    with pytest.raises(AccessDenied):
        make_role(wanted(), by=manager(operations=frozenset({Operation.USERS_MANAGE})))
    with pytest.raises(AccessDenied):
        all_roles(manager(operations=frozenset()))


def test_the_administrator_stays_as_it_is():
    with pytest.raises(RoleError, match="copy the role"):
        change("administrator", operations=frozenset({Operation.HOME_VIEW}))
    with pytest.raises(RoleError, match="copy the role"):
        delete_role(role("administrator").pk, seen=now("administrator").version, by=SYSTEM)


def test_a_change_does_not_undo_another_one_made_meanwhile():
    seen = now("marketer")
    change("marketer", operations=frozenset({Operation.HOME_VIEW}))
    with pytest.raises(RoleError, match="changed this role meanwhile"):
        change_role(role("marketer").pk, replace(seen, description="x"), seen=seen.version, by=SYSTEM)


def test_somebody_who_manages_users_remains(administrator):
    make_role(wanted(operations=frozenset({Operation.USERS_MANAGE})), by=SYSTEM)
    create_staff(username="una", password=PASSWORD, role="helper", by=SYSTEM, now=NOW)
    deactivate(user=administrator, by=SYSTEM)
    with pytest.raises(RoleError, match="nobody would be left who manages users"):
        change("helper", operations=frozenset())
    User.objects.update(is_active=True)
    assert change("helper", operations=frozenset())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (replace(wanted(), name=""), "needs a name"),
        (replace(wanted(), name="Marketer"), "is a role or group 'Marketer' already"),
        (wanted(purposes=frozenset({"ruling"})), "no purpose 'ruling' any more"),
        (wanted(sources=frozenset({99})), "no source '99' any more"),
        (replace(wanted(), description="x" * 201), "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_explained(values, message):
    with pytest.raises(RoleError, match=message):
        make_role(values, by=SYSTEM)


def test_a_role_is_deleted_once_nobody_has_it(marketer):
    with pytest.raises(RoleError, match="1 have this role"):
        delete_role(role("marketer").pk, seen=now("marketer").version, by=SYSTEM)
    set_roles(user=marketer, roles=["analyst"], by=SYSTEM)
    mapping = DirectoryMapping.objects.create(group="sales", key="sales", role=role("marketer"))
    with pytest.raises(RoleError, match="take out its mapping first"):
        delete_role(role("marketer").pk, seen=now("marketer").version, by=SYSTEM)
    mapping.delete()
    assert delete_role(role("marketer").pk, seen=now("marketer").version, by=SYSTEM) == "marketer"
    assert AuditEntry.objects.filter(action="role.change", target="role:marketer").exists()


def test_chosen_sources_are_what_members_see(marketer):
    shop, app = (create_source(name=name, by=SYSTEM, now=NOW) for name in ("Shop", "App"))
    change("marketer", sources=frozenset({shop.pk}))
    assert User.objects.get(pk=marketer.pk).sources == frozenset({shop.pk})
    change("marketer", sources=frozenset({app.pk}))
    assert User.objects.get(pk=marketer.pk).sources == frozenset({app.pk})
    change("marketer", sources=None)
    assert User.objects.get(pk=marketer.pk).sources is None


def test_only_who_has_it_not_already_gains_and_loses(marketer):
    for name, roles in (("ann", ["marketer", "DPO"]), ("bob", ["marketer"])):
        user = create_staff(username=name, password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)
        set_roles(user=user, roles=roles, by=SYSTEM)
    before = now("marketer")
    forms = replace(
        before.reach.forms,
        clear=frozenset({*before.reach.forms.clear, Category.CONTACT}) - {Category.LOCATION},
    )
    operations = before.reach.operations - {Operation.PEOPLE_SEARCH} | {Operation.PEOPLE_EXPORT}
    after = replace(before, reach=replace(before.reach, forms=forms, operations=operations))
    effect = effect_of(SYSTEM, role("marketer"), after)
    assert effect.members == 3
    assert dict(effect.gains) == {
        "Export all that is kept of a person": 2,
        "Contact: as they are, before masked": 2,
    }
    assert dict(effect.loses) == {"Search for people": 2, "Location: masked, before as they are": 2}
