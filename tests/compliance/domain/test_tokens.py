from datetime import timedelta

import pytest

from compliance.access import AccessDenied, Actor
from compliance.consent import UnknownPurpose
from compliance.domain.tokens import TokenError, authenticate, create_token, revoke_token
from compliance.enums import ActorKind, Category, Operation
from compliance.forms import ALL_CLEAR, Form
from compliance.models import ApiToken, AuditEntry
from tests.compliance.conftest import NOW, SYSTEM

pytestmark = pytest.mark.django_db


def make(**options):
    return create_token(**{"name": "CRM", "scopes": ["people.view"], "by": SYSTEM, "now": NOW, **options})


def test_the_secret_is_shown_once_and_only_a_hash_is_kept():
    token, secret = make()
    assert secret.startswith("hw_")
    assert len(secret) > 40
    stored = ApiToken.objects.values().get()
    assert secret not in str(stored)
    assert secret.startswith(token.prefix)
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.target) == ("token.create", f"token:{token.pk}")
    assert secret not in str(entry.detail)


def test_a_token_is_recognised_by_its_secret():
    token, secret = make()
    make(name="another")
    assert authenticate(secret, now=NOW) == token
    for wrong in (secret[:-1], secret + "x", secret.upper(), "", "hw_", token.prefix, "\ud800", "hw_\x00"):
        assert authenticate(wrong, now=NOW) is None


def test_a_revoked_token_is_refused_at_once():
    token, secret = make()
    revoke_token(token=token, by=SYSTEM, now=NOW)
    revoke_token(token=token, by=SYSTEM, now=NOW + timedelta(days=1))
    assert token.revoked_at == NOW
    assert authenticate(secret, now=NOW) is None
    assert AuditEntry.objects.filter(action="token.revoke").count() == 1


def test_a_token_expires():
    _, secret = make(expires_at=NOW + timedelta(days=1))
    assert authenticate(secret, now=NOW + timedelta(hours=23))
    assert authenticate(secret, now=NOW + timedelta(days=1)) is None
    with pytest.raises(TokenError, match="expired already"):
        make(expires_at=NOW)


def test_the_time_of_use_is_written_seldom(django_assert_num_queries):
    token, secret = make()
    authenticate(secret, now=NOW)
    with django_assert_num_queries(1):
        authenticate(secret, now=NOW + timedelta(minutes=4))
    token.refresh_from_db()
    assert token.last_used_at == NOW
    authenticate(secret, now=NOW + timedelta(minutes=6))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(minutes=6)


def test_what_a_token_may_do_and_see():
    plain, _ = make(scopes=["people.view", "events.view"])
    assert plain.operations == {Operation.PEOPLE_VIEW, Operation.EVENTS_VIEW}
    assert plain.forms.clear == {category for category in Category if not category.is_sensitive}
    chosen, _ = make(categories=["contact"])
    assert chosen.forms.clear == {Category.CONTACT}
    everything, _ = make(scopes=[], role="administrator")
    assert everything.operations == frozenset(Operation)
    assert everything.forms == ALL_CLEAR
    analyst, _ = make(scopes=[], role="analyst")
    assert analyst.forms.of(Category.CONTACT) is Form.HASHED
    assert analyst.forms.of(Category.SPECIAL) is Form.HIDDEN
    pseudonymous, _ = make(hashed=["identity"])
    assert pseudonymous.forms.of(Category.IDENTITY) is Form.HASHED
    assert pseudonymous.forms.of(Category.BEHAVIOUR) is Form.CLEAR


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"name": " "}, TokenError, "needs a name"),
        ({"name": "x" * 81}, TokenError, "needs a name"),
        ({"scopes": []}, TokenError, "at least one scope of home.view"),
        (
            {"scopes": ["everything"]},
            TokenError,
            "'everything' is not a valid Operation; scopes are home.view",
        ),
        ({"categories": ["secret"]}, TokenError, "categories are identity"),
        ({"role": "emperor"}, TokenError, "there is no role 'emperor'"),
        ({"purpose": "spying"}, UnknownPurpose, "there is no purpose 'spying'"),
    ],
)
def test_what_cannot_be_made_is_explained(options, error, message):
    with pytest.raises(error, match=message):
        make(**options)
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_that_may_more_than_they_do():
    by = Actor(ActorKind.STAFF, "max", frozenset({Operation.TOKENS_MANAGE}), frozenset({Category.IDENTITY}))
    with pytest.raises(TokenError, match="would allow more than max may"):
        make(by=by)
    with pytest.raises(TokenError, match="would allow more than max may"):
        make(by=by, scopes=["tokens.manage"], categories=["contact"])
    with pytest.raises(AccessDenied):
        make(by=Actor(ActorKind.STAFF, "mia", frozenset({Operation.PEOPLE_VIEW})))


def test_nobody_makes_a_token_of_more_sources_or_purposes_than_theirs():
    by = Actor(
        ActorKind.STAFF, "max", frozenset(Operation), frozenset(Category), purposes=frozenset({"service"}),
        sources=frozenset({1, 2}),
    )  # fmt: skip
    with pytest.raises(TokenError, match="Use data for any purpose"):
        make(by=by, sources=[1])
    with pytest.raises(TokenError, match="Use data for marketing"):
        make(by=by, sources=[1], purpose="marketing")
    with pytest.raises(TokenError, match="there is no source 3"):
        make(by=by, sources=[1, 3], purpose="service")
    token, _ = make(by=by, sources=[1], purpose="service")
    assert token.sources == [1]
    token, _ = make(by=by, purpose="service")
    assert token.sources == [1, 2]
