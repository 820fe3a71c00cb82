import pytest

from compliance import suppression
from compliance.audit import record_read
from compliance.domain.tokens import authenticate, create_token
from compliance.domain.users import create_staff
from compliance.models import ApiToken, AuditEntry, SuppressedIdentifier, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/admin/privacy/audit/",
    "/admin/privacy/suppressions/",
    "/admin/settings/users/",
    "/admin/settings/users/new/",
    "/admin/settings/tokens/",
    "/admin/settings/tokens/new/",
]


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_administrator_sees_it_and_a_marketer_does_not(client, administrator, marketer, address):
    client.force_login(administrator)
    assert client.get(address).status_code == 200
    client.force_login(marketer)
    assert client.get(address).status_code == 403
    assert AuditEntry.objects.filter(actor="mia", action="access.denied").exists()
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/admin/settings/users/{}/roles/",
        "/admin/settings/users/{}/deactivate/",
        "/admin/settings/users/{}/activate/",
    ],
)
def test_a_change_is_posted_by_who_may(as_marketer, administrator, address):
    assert as_marketer.post(address.format(administrator.pk), {"role": "marketer"}).status_code == 403
    as_marketer.force_login(administrator)
    assert as_marketer.get(address.format(administrator.pk)).status_code == 405
    assert [str(role) for role in User.objects.get(pk=administrator.pk).roles] == ["administrator"]


@pytest.mark.parametrize("address", ["/admin/privacy/audit/", "/admin/privacy/audit/alerts/"])
def test_the_navigation_marks_the_page_that_is_open_and_not_the_one_above_it(as_administrator, address):
    shown = text(as_administrator.get(address))
    assert [
        part.rpartition('href="')[2] for part in shown.split('" class="active" aria-current="page"')[:-1]
    ] == [address]


def test_a_user_is_made_and_changed(as_administrator):
    client = as_administrator
    answer = client.post(
        "/admin/settings/users/new/", {"username": "olga", "password": PASSWORD, "role": "marketer"}
    )
    assert answer["Location"] == "/admin/settings/users/"
    olga = User.objects.get(username="olga")
    assert "olga can sign in now" in text(client.get("/admin/settings/users/"))
    client.post(f"/admin/settings/users/{olga.pk}/roles/", {"role": ["marketer", "administrator"]})
    assert [str(role) for role in User.objects.get(pk=olga.pk).roles] == ["administrator", "marketer"]
    client.post(f"/admin/settings/users/{olga.pk}/deactivate/")
    assert not User.objects.get(pk=olga.pk).is_active
    assert "Shut out" in text(client.get("/admin/settings/users/"))
    client.post(f"/admin/settings/users/{olga.pk}/activate/")
    assert User.objects.get(pk=olga.pk).is_active


def test_what_is_wrong_with_a_user_is_said_and_the_password_is_not_repeated(as_administrator):
    answer = as_administrator.post(
        "/admin/settings/users/new/", {"username": "ada", "password": "a-secret-value-9", "role": "marketer"}
    )
    assert answer.status_code == 400
    assert "There is a user &#x27;ada&#x27; already: choose another name." in text(answer)
    assert "a-secret-value-9" not in text(answer)


def test_nobody_shuts_themselves_out(as_administrator, administrator):
    as_administrator.post(f"/admin/settings/users/{administrator.pk}/deactivate/")
    assert "ask another administrator" in text(as_administrator.get("/admin/settings/users/"))


def test_a_list_of_users_takes_the_same_queries_for_many(as_administrator, django_assert_max_num_queries):
    for number in range(6):
        create_staff(username=f"u{number}", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)
    with django_assert_max_num_queries(15):
        assert text(as_administrator.get("/admin/settings/users/")).count("Last sign-in") == 1


def test_a_token_is_shown_once_and_revoked(as_administrator):
    client = as_administrator
    answer = client.post(
        "/admin/settings/tokens/new/",
        {
            "name": "Desk",
            "scope": ["people.view"],
            "form-identity": "clear",
            "form-contact": "hashed",
            "days": "30",
            "purpose": "service",
        },
    )
    token = ApiToken.objects.get()
    secret = next(word for word in answer.content.decode().replace("<", " ").replace(">", " ").split() if word.startswith(token.prefix) and len(word) > 40)  # fmt: skip
    assert "no-store" in answer["Cache-Control"]
    assert (token.name, token.scopes, token.categories, token.purpose) == (
        "Desk",
        ["people.view"],
        ["identity"],
        "service",
    )
    assert token.expires_at is not None
    listing = text(client.get("/admin/settings/tokens/"))
    assert token.prefix in listing
    assert secret not in listing
    client.post(f"/admin/settings/tokens/{token.pk}/revoke/")
    assert authenticate(secret, now=token.created_at) is None
    assert "Revoked" in text(client.get("/admin/settings/tokens/"))


def test_what_is_wrong_with_a_token_is_said(as_administrator):
    answer = as_administrator.post("/admin/settings/tokens/new/", {"name": "Desk", "days": "30"})
    assert answer.status_code == 400
    assert "A token needs at least one scope" in text(answer)
    form = {"name": "Desk", "scope": ["people.view"], "days": "99999"}
    answer = as_administrator.post("/admin/settings/tokens/new/", form)
    assert answer.status_code == 400
    assert "Choose after how long the token expires" in text(answer)
    assert not ApiToken.objects.exists()


def test_the_trail_tells_sentences(as_administrator):
    create_token(name="Desk", scopes=["people.view"], by=SYSTEM, now=NOW)
    record_read(SYSTEM, action="people.search", detail={"results": 1204})
    told = text(as_administrator.get("/admin/privacy/audit/"))
    token = ApiToken.objects.get()
    assert f"system test</strong></a> made token {token.pk} “Desk”" in told
    assert "searched for people (1,204 found)" in told
    assert "ada</strong></a> signed in" in told
    assert AuditEntry.objects.filter(actor="ada", action="audit.read").count() == 1


def test_the_trail_is_searched_and_paged(as_administrator):
    for number in range(60):
        record_read(SYSTEM, action="person.read", detail={"results": number})
    told = as_administrator.get("/admin/privacy/audit/?by=test&action=person")
    assert text(told).count("saw the profile of a person") == 50
    assert told.context["next"]
    older = text(
        as_administrator.get(f"/admin/privacy/audit/?by=test&action=person&before={told.context['next']}")
    )
    assert older.count("saw the profile of a person") == 10
    assert "Nothing matches" in text(as_administrator.get("/admin/privacy/audit/?by=nobody"))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_address_that_was_tampered_with_is_the_first_page(as_administrator, before):
    assert as_administrator.get("/admin/privacy/audit/", {"before": before}).status_code == 200


def test_an_identifier_is_suppressed_and_lifted(as_administrator):
    client = as_administrator
    form = {"namespace": "email", "value": "Jane@Example.com", "reason": "asked for it"}
    assert client.post("/admin/privacy/suppressions/", form).status_code == 302
    row = SuppressedIdentifier.objects.get()
    assert (row.namespace, row.reason, row.by) == ("email", "asked for it", "ada")
    told = text(client.get("/admin/privacy/suppressions/"))
    assert "asked for it" in told
    assert "jane" not in told.lower()
    assert suppression.snapshot().is_suppressed("email", "jane@example.com")
    client.post(f"/admin/privacy/suppressions/{row.pk}/lift/")
    assert not suppression.snapshot()
    assert AuditEntry.objects.filter(action="suppression.remove", actor="ada").count() == 1


@pytest.mark.parametrize(
    ("namespace", "value", "message"),
    [("email", "jane", "cannot be an identifier"), ("", "jane", "Say what kind of identifier it is")],
)
def test_what_cannot_be_suppressed_is_said_without_repeating_it(as_administrator, namespace, value, message):
    answer = as_administrator.post("/admin/privacy/suppressions/", {"namespace": namespace, "value": value})
    assert answer.status_code == 400
    assert message in text(answer)
    assert "jane" not in text(answer)


def test_names_are_shown_as_text(as_administrator):
    create_token(name="<script>alert(1)</script>", scopes=["people.view"], by=SYSTEM, now=NOW)
    for address in ("/admin/settings/tokens/", "/admin/privacy/audit/"):
        assert "<script>alert(1)" not in text(as_administrator.get(address))
