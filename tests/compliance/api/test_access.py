"""What somebody may see and do, asked by programs: of themselves, and by those who may know it of others."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from compliance.domain.tokens import create_token, revoke_token
from compliance.enums import Category, Operation
from compliance.models import ApiToken, AuditEntry, Role, User
from compliance.objects import ObjectKind, give_to_group
from ingestion.domain.sources import create_source
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL
from tests.rest import client_with  # noqa: F401 -- fixtures

ACCESS = "/api/v1/access/"


@pytest.fixture
def sources(fresh_database) -> list[int]:
    del fresh_database
    return [create_source(name=name, by=ALL, now=START).pk for name in ("Web shop", "Call centre")]


@pytest.fixture
def mia(sources) -> User:
    """Of two roles, one of them of one source."""
    user = User.objects.create(username="mia", is_staff=True)
    for name, operations, forms in (
        ("reads", ["people.view", "home.view"], {"hashed": ["identity"], "hidden": ["special"]}),
        ("seeks", ["people.view", "people.search"], {"categories": ["identity"], "purposes": ["marketing"]}),
    ):
        group = Group.objects.create(name=name)
        Role.objects.create(group=group, operations=operations, all_sources=False, **forms)
        give_to_group(ObjectKind.SOURCE, group.pk, sources[: 1 if name == "reads" else 2])
        user.groups.add(group)
    return user


def of(found: list[dict], key: str, value: str) -> dict:
    return next(each for each in found if each[key] == value)


def test_a_token_is_told_of_itself(sources, client_with):  # noqa: F811
    client = client_with("people.view", hashed=["identity"], hidden=["special"], sources=sources[:1])
    told = client.get(ACCESS).json()
    assert (told["kind"], told["name"], told["active"], told["roles"]) == ("token", "test", True, [])
    assert (told["second_factor"], told["sessions"]) == (None, None)
    assert len(told["operations"]) == len(Operation)
    assert len(told["categories"]) == len(Category)
    seen = of(told["operations"], "operation", "people.view")
    assert (seen["allowed"], seen["given_by"]) == (True, ["its scopes"])
    assert of(told["operations"], "operation", "audit.view") == {
        "operation": "audit.view", "allowed": False, "given_by": [], "would_be_given_by": [],
    }  # fmt: skip
    forms = {each["category"]: each["form"] for each in told["categories"]}
    assert (forms["identity"], forms["special"], forms["contact"]) == ("hashed", "hidden", "masked")
    assert told["sources"] == [{"id": sources[0], "name": "Web shop", "given_by": ["its scopes"]}]
    assert told["purposes"] == []


def test_asking_of_oneself_is_no_look_at_others(sources, client_with):  # noqa: F811
    del sources
    before = AuditEntry.objects.filter(action="access.explain").count()
    client_with("people.view").get(ACCESS)
    assert AuditEntry.objects.filter(action="access.explain").count() == before


def test_of_staff_it_is_told_which_role_gives_what(mia, sources, client_with):  # noqa: F811
    told = client_with("audit.view").get(ACCESS, {"user": "mia"}).json()
    assert (told["kind"], told["name"], told["active"], told["sessions"]) == ("user", "mia", True, 0)
    given = {each["operation"]: each["given_by"] for each in told["operations"] if each["allowed"]}
    assert given == {"home.view": ["reads"], "people.view": ["reads", "seeks"], "people.search": ["seeks"]}
    assert "administrator" in of(told["operations"], "operation", "users.manage")["would_be_given_by"]
    assert of(told["categories"], "category", "identity") == {
        "category": "identity", "form": "clear", "decided_by": ["seeks"],
    }  # fmt: skip
    assert of(told["categories"], "category", "special")["decided_by"] == ["seeks"]
    assert told["purposes"] == [], "one of the roles is bound to none"
    assert [(each["name"], each["given_by"]) for each in told["sources"]] == [
        ("Web shop", ["reads", "seeks"]), ("Call centre", ["seeks"]),
    ]  # fmt: skip
    assert told["roles"] == [
        {"role": "reads", "directory_groups": []}, {"role": "seeks", "directory_groups": []},
    ]  # fmt: skip
    row = AuditEntry.objects.get(action="access.explain")
    assert (row.actor, row.target) == ("test", "user:mia")


def test_of_another_token_and_that_is_in_the_trail(sources, client_with):  # noqa: F811
    del sources
    other, _ = create_token(name="shop", by=ALL, now=START, scopes=["people.view"])
    told = client_with("tokens.manage").get(ACCESS, {"token": other.pk}).json()
    assert (told["kind"], told["name"]) == ("token", "shop")
    row = AuditEntry.objects.get(action="access.explain")
    assert (row.target, row.detail["name"]) == (f"token:{other.pk}", "shop")
    revoke_token(token=other, by=ALL, now=START)
    assert client_with("audit.view").get(ACCESS, {"token": other.pk}).json()["active"] is False


def test_who_sees_one_source_is_not_told_the_names_of_others(mia, sources, client_with):  # noqa: F811
    told = client_with("audit.view", sources=sources[:1]).get(ACCESS, {"user": "mia"}).json()
    assert [each["name"] for each in told["sources"]] == ["Web shop", ""]


@pytest.mark.parametrize("name", ["mia", "nobody"])
def test_who_may_not_know_it_is_not_even_told_whether_there_is_somebody(mia, client_with, name):  # noqa: F811
    client = client_with("people.view", "tokens.manage")
    answer = client.get(ACCESS, {"user": name})
    assert answer.status_code == 403
    assert AuditEntry.objects.filter(action="access.denied", actor="test").count() == 1
    own = ApiToken.objects.get(name="test").pk
    plain = client_with("people.view")
    for number in (own, own + 999):
        assert plain.get(ACCESS, {"token": number}).status_code == 403


@pytest.mark.parametrize(
    "query", [{"user": "nobody"}, {"token": 10**9}, {"token": 0}, {"user": ""}, {"user": "x" * 151}, {"user": "mia", "token": 1}, {"who": "mia"}]
)  # fmt: skip
def test_what_means_nobody_is_refused(mia, client_with, query):  # noqa: F811
    assert client_with("users.manage").get(ACCESS, query).status_code == 400


def test_a_member_of_staff_asks_with_their_session(mia):
    client = Client()
    client.force_login(mia)
    told = client.get(ACCESS).json()
    assert (told["kind"], told["name"]) == ("user", "mia")
    assert told["sessions"] == 1
    assert client.get(ACCESS, {"user": "mia"}).status_code == 200
    assert client.get(ACCESS, {"token": 1}).status_code == 403


def test_without_a_token_nobody_is_told_anything(fresh_database):
    del fresh_database
    assert Client().get(ACCESS).status_code == 401
