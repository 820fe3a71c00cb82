from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.actors import Actor
from compliance.domain.tokens import authenticate
from compliance.enums import Category, Operation
from compliance.forms import Forms
from ingestion.domain.sources import create_source

pytestmark = pytest.mark.django_db


def create(*arguments):
    out, err = StringIO(), StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=err)
    return authenticate(out.getvalue().strip(), now=timezone.now()), err.getvalue()


def test_it_prints_the_secret_and_nothing_else():
    token, told = create("CRM", "--scope", "people.view", "events.view", "--scope", "people.search")
    assert token.operations == {Operation.PEOPLE_VIEW, Operation.EVENTS_VIEW, Operation.PEOPLE_SEARCH}
    assert "contact, special, unclassified data masked" in told


def test_a_role_a_category_a_purpose_and_an_end():
    token, _ = create(
        "Reports",
        "--role",
        "marketer",
        "--category",
        "contact",
        "identity",
        "--purpose",
        "analytics",
        "--days",
        "30",
    )
    assert Operation.PEOPLE_SEARCH in token.operations
    assert token.forms.clear == {Category.CONTACT, Category.IDENTITY}
    assert token.purpose == "analytics"
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)


def test_an_administrator_sees_everything():
    token, told = create("admin", "--role", "administrator")
    assert (token.operations, told) == (frozenset(Operation), "")


@pytest.mark.parametrize(
    "arguments",
    [["--scope", "nothing"], ["--role", "x"], [], ["--scope", "home.view", "--purpose", "x"]],
    ids=str,
)
def test_what_is_wrong_is_said(arguments):
    with pytest.raises(CommandError):
        create("CRM", *arguments)


def test_pseudonyms_what_is_left_out_and_sources():
    shop = create_source(name="Shop", by=Actor.system("test"), now=timezone.now())
    create_source(name="App", by=Actor.system("test"), now=timezone.now())
    token, told = create(
        "Desk", "--scope", "people.view", "--hashed", "identity", "contact", "--hidden", "special", "--source", str(shop.pk)
    )  # fmt: skip
    assert token.forms == Forms(
        frozenset({Category.BEHAVIOUR, Category.TRANSACTIONS, Category.LOCATION}),
        frozenset({Category.IDENTITY, Category.CONTACT}),
        frozenset({Category.SPECIAL}),
    )
    assert token.sources == [shop.pk]
    assert "contact, identity data hashed, unclassified data masked, special data hidden" in told
    with pytest.raises(CommandError, match="there is no source 99"):
        create("Desk", "--scope", "people.view", "--source", "99")
